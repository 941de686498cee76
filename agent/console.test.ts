import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditLine } from '#shared/agent/audit.ts';
import { permissions } from '#shared/access.ts';
import { startAgent, untilServing, type AgentProcess } from './testing/agent-process.ts';
import {
  askElevated,
  askOver,
  elevate,
  foundOwner,
  mustWork,
  newTotpSecret,
  panel,
  totpCodeAt,
  type Ask,
  type TestPerson,
} from './testing/people.ts';
import { makeWorld, newChangeId, type World } from './testing/world.ts';
import { compileCache } from '../test/compile-cache.ts';

/* `main.ts --console …` as root types it, beside an agent that runs and without one. */

let world: World;
let agent: AgentProcess | undefined;
let ask: Ask;
beforeEach(async () => {
  world = await makeWorld();
  ask = askOver(world.settings.socketPath);
  await start();
});
afterEach(async () => {
  await stop();
  world.destroy();
});

async function start(): Promise<void> {
  agent = startAgent(world);
  await untilServing(world, agent);
}
async function stop(): Promise<void> {
  agent?.child.kill('SIGTERM');
  await agent?.ended;
  agent = undefined;
}

type Printed = { ok: boolean; result?: Record<string, unknown>; error?: Record<string, unknown> };

async function type(args: readonly string[], input = ''): Promise<Printed & { exitCode: number | null; all: string }> {
  const { settings } = world;
  const [program, ...rest] = settings.program;
  const child = spawn(program, [...rest, '--console', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...compileCache,
      AAPANEL_AGENT_SOCKET: settings.socketPath,
      AAPANEL_AGENT_STATE: settings.stateFolder,
      AAPANEL_AGENT_PREFIX: settings.rootPrefix,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { ...(JSON.parse(stdout) as Printed), exitCode, all: stdout + stderr };
}

const signIn = (person: TestPerson, password: string) =>
  ask('factors.check', { personId: person.id, proof: { kind: 'password', password } }, panel);

async function auditActions(): Promise<string[]> {
  const { result } = mustWork(await ask('audit.read', { from: 1, limit: 500 }, panel));
  const lines = (result?.['lines'] ?? []) as AuditLine[];
  return lines.map(({ action, outcome, actorName }) => `${action} ${outcome} ${actorName}`);
}

describe.each(['beside a running agent', 'without one'])('%s', (how) => {
  const isRunning = how === 'beside a running agent';
  let owner: TestPerson;
  beforeEach(async () => {
    owner = await foundOwner(ask);
    if (!isRunning) await stop();
  });
  const thenRun = async (): Promise<void> => {
    if (!isRunning) await start();
  };

  it('a new password works at once, ends elevations, and stands in the audit log without the password', async () => {
    expect((await type(['list'])).result?.['people']).toMatchObject([{ name: 'owner', isOwner: true, hasTotp: false }]);
    const typed = await type(['set-password', 'owner'], 'a brand new password\n');
    expect(typed).toMatchObject({ ok: true, exitCode: 0 });
    await thenRun();
    expect((await signIn(owner, 'a brand new password')).code).toBeUndefined();
    expect((await signIn(owner, owner.password)).code).toBe('not_signed_in');
    expect(await auditActions()).toEqual(['console.set_password started console', 'console.set_password done console']);
    const log = `${world.settings.stateFolder}/audit/000000000001.jsonl`;
    expect(readFileSync(log, 'utf8') + typed.all).not.toContain('brand new');
    expect((await type(['audit-verify'])).result).toEqual({ lineCount: 2, fault: null });
  });
});

it('somebody who lost their app gets in again without it', async () => {
  const owner = await foundOwner(ask);
  const secret = newTotpSecret();
  const change = { kind: 'add_totp', secret, code: totpCodeAt(secret, Date.now()) };
  mustWork(await askElevated(ask, owner, await elevate(ask, owner), 'factors.change', { change }));
  expect((await signIn(owner, owner.password)).result?.['needs']).toEqual(['totp', 'recovery']);
  expect(await type(['remove-factor', 'owner', 'totp'])).toMatchObject({ ok: true });
  expect((await signIn(owner, owner.password)).result?.['needs']).toEqual([]);
});

it('a disabled person is enabled, and their failed tries are forgiven', async () => {
  const owner = await foundOwner(ask);
  for (let round = 0; round < 10; round++) await signIn(owner, 'wrong');
  expect((await signIn(owner, owner.password)).code).toBe('rate_limited');
  expect(await type(['enable', 'owner'])).toMatchObject({ ok: true });
  expect((await signIn(owner, owner.password)).code).toBeUndefined();
});

it('a register that was lost gets its owner back, with the id that the panel knows', async () => {
  const id = newChangeId();
  expect(await type(['set-password', 'salma', '--owner', id], 'the password of salma')).toMatchObject({ ok: true });
  const proof = { kind: 'password', password: 'the password of salma' };
  expect((await ask('factors.check', { personId: id, proof }, panel)).result).toEqual({ personId: id, needs: [] });
  expect((await ask('people.list', {}, panel)).result?.['people']).toMatchObject([
    { id, name: 'salma', isOwner: true, permissions: [...permissions] },
  ]);
});

it('what cannot be is refused with its reason, changes nothing, and leaves no line', async () => {
  await foundOwner(ask);
  const path = `${world.settings.stateFolder}/people.json`;
  const before = readFileSync(path, 'utf8');
  const long = 'a long enough password';
  const refusals: [string[], string, number, object][] = [
    [['set-password', 'nobody'], long, 1, { code: 'not_found', reason: 'person_unknown' }],
    [['set-password', 'owner'], 'short', 1, { fields: [{ field: 'password', code: 'password_too_short' }] }],
    [['set-password', 'owner'], 'x'.repeat(129), 1, { fields: [{ field: 'password', code: 'password_too_long' }] }],
    [['set-password', 'owner', '--owner', '../../etc'], '', 2, { code: 'invalid_request' }],
    [
      ['set-password', '../x', '--owner', 'a'.repeat(16)],
      long,
      1,
      { fields: [{ field: 'name', code: 'user_name_invalid' }] },
    ],
    [['remove-factor', 'owner', 'everything'], '', 2, { code: 'invalid_request' }],
    [['enable'], '', 2, { code: 'invalid_request' }],
    [['explode', 'owner'], '', 2, { code: 'invalid_request' }],
    [[], '', 2, { code: 'invalid_request' }],
  ];
  for (const [args, input, exitCode, error] of refusals)
    expect(await type(args, input)).toMatchObject({ ok: false, exitCode, error });
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(await auditActions()).toEqual([]);
});

it('there is no way to it over the socket', async () => {
  for (const action of ['console', 'console.enable', 'people.set_password'])
    expect(await ask(action, { name: 'owner' }, { id: 'console', name: 'console' })).toMatchObject({
      code: 'not_found',
      reason: 'unknown_action',
    });
});
