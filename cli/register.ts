import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '#server/config.ts';
import { newPasswordRecord, openFakeRegister, type FakePerson } from '#server/core/agent-fake/register.ts';
import { CommandError, type CommandContext } from './command.ts';
import { installedCommand, isRoot, runAgentConsole } from './rescue-process.ts';

/*
 * The agent's register of people, for whoever is root on the machine (agent/console.ts). With the fake agent it is a file
 * beside the database.
 */

export const removableFactors = ['totp', 'passkeys', 'all'] as const;
export type RemovableFactor = (typeof removableFactors)[number];

const listed = z.object({
  id: z.string(),
  name: z.string(),
  isOwner: z.boolean(),
  isDisabled: z.boolean(),
  hasPassword: z.boolean(),
  hasTotp: z.boolean(),
  passkeyCount: z.int(),
  recoveryCodesLeft: z.int(),
});
export type ListedPerson = z.infer<typeof listed>;

const verdict = z.object({
  lineCount: z.int(),
  fault: z.object({ sequence: z.int(), kind: z.string(), file: z.string() }).nullable(),
});
export type ChainVerdict = z.infer<typeof verdict>;

/** Each throws CommandError with a sentence for the person. */
export type Register = {
  readonly isFake: boolean;
  list(): Promise<ListedPerson[]>;
  /** `ownerId`: of an owner whom the register lost. False when it has nobody of this name. */
  setPassword(name: string, password: string, ownerId?: string): Promise<boolean>;
  removeFactor(name: string, factor: RemovableFactor): Promise<void>;
  enable(name: string): Promise<void>;
  /** undefined: this agent keeps no chain. */
  verifyAudit(): Promise<ChainVerdict | undefined>;
};

export function openRegister(ctx: CommandContext): Register {
  if (installedCommand(ctx) !== undefined) {
    if (!isRoot()) throw new CommandError(ctx.text('needsRoot'));
    return consoleRegister(ctx, {});
  }
  const config = loadConfig(ctx.input);
  if (config.agent.mode === 'fake') return fakeRegister(ctx, join(config.dataDir, 'fake-agent.json'));
  if (!isRoot()) throw new CommandError(ctx.text('needsRoot'));
  if (config.isProduction) return consoleRegister(ctx, {});
  // As bin/start gives them to the agent of a tree.
  const stateFolder = ctx.input.env['AAPANEL_AGENT_STATE'] ?? join(config.dataDir, 'agent');
  return consoleRegister(ctx, { stateFolder, socketPath: config.agent.socketPath });
}

const answerForm = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.string(), reason: z.string().optional(), message: z.string() }),
  }),
]);

function consoleRegister(
  ctx: CommandContext,
  place: { readonly stateFolder?: string; readonly socketPath?: string },
): Register {
  async function tell(args: readonly string[], input?: string) {
    const more = input === undefined ? place : { ...place, input };
    const answer = answerForm.safeParse(await runAgentConsole(ctx, args, more));
    if (!answer.success) throw new CommandError(ctx.text('consoleSilent'));
    return answer.data;
  }
  async function must(args: readonly string[], name: string, input?: string): Promise<unknown> {
    const answer = await tell(args, input);
    if (answer.ok) return answer.result;
    if (answer.error.reason === 'person_unknown') throw new CommandError(ctx.text('accountMissing', { name }));
    throw new CommandError(ctx.text('consoleRefused', { detail: answer.error.reason ?? answer.error.message }));
  }
  return {
    isFake: false,
    list: async () => z.object({ people: z.array(listed) }).parse(await must(['list'], '')).people,
    async setPassword(name, password, ownerId) {
      const owner = ownerId === undefined ? [] : ['--owner', ownerId];
      const args = ['set-password', name, ...owner];
      const answer = await tell(args, `${password}\n`);
      if (answer.ok) return true;
      if (answer.error.reason === 'person_unknown' && ownerId === undefined) return false;
      throw new CommandError(ctx.text('consoleRefused', { detail: answer.error.reason ?? answer.error.message }));
    },
    removeFactor: async (name, factor) => void (await must(['remove-factor', name, factor], name)),
    enable: async (name) => void (await must(['enable', name], name)),
    verifyAudit: async () => verdict.parse(await must(['audit-verify'], '')),
  };
}

/** A development panel that runs keeps its people in memory: it must be started again to see the change. */
function fakeRegister(ctx: CommandContext, path: string): Register {
  const register = openFakeRegister(path);
  const find = (name: string) => [...register.people.values()].find((person) => person.name === name);
  function change(name: string, apply: (person: FakePerson) => void): Promise<void> {
    const person = find(name);
    if (person === undefined) throw new CommandError(ctx.text('accountMissing', { name }));
    apply(person);
    person.version += 1;
    register.save();
    ctx.err(ctx.text('fakeAgentChanged'));
    return Promise.resolve();
  }
  return {
    isFake: true,
    list: () =>
      Promise.resolve(
        [...register.people.values()].map((person) => ({
          id: person.id,
          name: person.name,
          isOwner: person.isOwner,
          isDisabled: person.isDisabled,
          hasPassword: person.password !== null,
          hasTotp: person.totp !== null,
          passkeyCount: person.passkeys.length,
          recoveryCodesLeft: person.recoveryHashes.length,
        })),
      ),
    async setPassword(name, password) {
      if (find(name) === undefined) return false;
      await change(name, (person) => {
        person.password = newPasswordRecord(password.normalize('NFKC'), Date.now());
        person.invitation = null;
      });
      return true;
    },
    removeFactor: (name, factor) =>
      change(name, (person) => {
        if (factor !== 'passkeys') person.totp = null;
        if (factor !== 'totp') person.passkeys = [];
        if (factor === 'all') person.tokens = [];
        if (person.totp === null && person.passkeys.length === 0) person.recoveryHashes = [];
      }),
    enable: (name) => change(name, (person) => (person.isDisabled = false)),
    verifyAudit: () => Promise.resolve(undefined),
  };
}
