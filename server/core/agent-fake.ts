import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { agentActions, type AgentActionName, type AgentActions } from '#shared/agent/index.ts';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import { agentActor, agentProtocol } from '#shared/agent/protocol.ts';
import { AppError } from '#shared/errors.ts';
import { AgentCallError, createStateWatch, type AgentCallOptions, type AgentClient } from './agent-client.ts';
import { createFakeAapanel } from './agent-fake/aapanel.ts';
import { createFakeApps } from './agent-fake/apps.ts';
import { createFakeAudit } from './agent-fake/audit.ts';
import { createFakeBackups } from './agent-fake/backups.ts';
import { createFakeCertificates } from './agent-fake/certificates.ts';
import { createFakeArchives } from './agent-fake/archives.ts';
import { createFakeCopies } from './agent-fake/copies.ts';
import { createFakeCron } from './agent-fake/cron.ts';
import { createFakeDatabaseServers } from './agent-fake/database-servers.ts';
import { createFakeDatabases } from './agent-fake/databases.ts';
import { createFakeDependencies } from './agent-fake/dependencies.ts';
import { createFakeDeployments } from './agent-fake/deployments.ts';
import { createFakeElevation, type FakeElevation } from './agent-fake/elevation.ts';
import { createFakeFactors } from './agent-fake/factors.ts';
import { createFakeFolders } from './agent-fake/folders.ts';
import { createFakeFtp } from './agent-fake/ftp.ts';
import { createFakePeople } from './agent-fake/people.ts';
import { createFakeRecycleBin } from './agent-fake/recycled-sites.ts';
import { createFakeRedis } from './agent-fake/redis.ts';
import { createFakeRemoteDatabases } from './agent-fake/remote-databases.ts';
import { createFakePhp } from './agent-fake/php.ts';
import { openFakeRegister, permissionsOf, type FakeRegister } from './agent-fake/register.ts';
import { createFakeProcesses } from './agent-fake/processes.ts';
import { createFakeMachineAccounts } from './agent-fake/machine-accounts.ts';
import { createFakeMachineSettings } from './agent-fake/machine-settings.ts';
import { createFakeServices } from './agent-fake/services.ts';
import { createFakeSiteFiles } from './agent-fake/site-files.ts';
import { createFakeSites } from './agent-fake/sites.ts';
import { createFakeSoftware } from './agent-fake/software.ts';
import { createFakeLogs } from './agent-fake/site-logs.ts';
import { createFakeTerminals } from './agent-fake/terminals.ts';
import { withTickets } from './agent-tickets.ts';

/** One call as it arrives: as over the wire, only JSON. */
export type FakeCall = {
  readonly name: AgentActionName;
  /** As sent, before the schema: what a ticket is bound to. */
  readonly params: unknown;
  readonly actor: { readonly id: string; readonly name: string };
  readonly ticket: string | undefined;
  /** Of an action that takes bytes. */
  readonly bytes?: Readable;
  /** Of an action that gives bytes. */
  readonly giveBytes?: (bytes: Readable) => void;
};

/** One implementation per action; throws AppError. */
export type FakeActions = {
  [N in AgentActionName]: (
    params: ActionParams<AgentActions[N]>,
    call: FakeCall,
  ) => Promise<ActionResult<AgentActions[N]>>;
};

export type FakeAgentOptions = {
  /** Default false: a bare machine, so that the installation can be shown. */
  readonly isNginxInstalled?: boolean;
  /** Installed versions of PHP, newest first; default 8.4 and 8.2. */
  readonly phpVersions?: readonly string[];
  /** How long each of the five steps of an installation takes; default 1500. */
  readonly installStepMs?: number;
  /** Default false: a bare machine, so that the installation can be shown. */
  readonly isMariadbInstalled?: boolean;
  /** Default false. */
  readonly isPostgresqlInstalled?: boolean;
  /** Default false. */
  readonly isRedisInstalled?: boolean;
  /** How long a deletion or restore of a database takes; default 1500. */
  readonly databaseRunMs?: number;
  /** How long a deployment takes; default 2000. */
  readonly deployMs?: number;
  /** How long the copying of a site's files takes; default 2000. */
  readonly copyMs?: number;
  /** How long a run of a scheduled job takes; default 1500. */
  readonly cronRunMs?: number;
  /** How long a run of the backups takes; default 2000. */
  readonly backupRunMs?: number;
  /** Where people are kept, so that those of a development panel survive its restart; default: in memory only. */
  readonly statePath?: string;
  /** Everybody may do everything, for tests of other things. */
  readonly isUnguarded?: boolean;
  readonly now?: () => number;
  /** Sees each call that is carried out, before it is. */
  readonly onCall?: (call: FakeCall) => void;
};

/** `register`: for tests, which put people there. */
export type FakeAgent = AgentClient & { readonly register: FakeRegister };

/**
 * The agent without a machine: same contract, same validation, everything in memory. For work on the panel without
 * root and for tests. Domains with a meaning: `fail-nginx.test` (nginx refuses it), `fail-agent.test` (the agent is
 * away), `fail-http3.test` (nginx has no HTTP/3), `lost-agent.test` (it acts, and its answer is lost), `slow.test` (2 s), `drift.test` (changed by hand).
 * The directive `include` is refused.
 */
export function createFakeAgent(options: FakeAgentOptions = {}): FakeAgent {
  const watch = createStateWatch();
  const startedAt = Date.now();
  const php = createFakePhp(options.phpVersions ?? ['8.4', '8.2'], () => sites.specs());
  const { statePath } = options;
  const register = openFakeRegister(statePath, options.now);
  const factors = createFakeFactors(register);
  const elevation = createFakeElevation(register, factors.factorCheck);
  const guard: Guard = options.isUnguarded === true ? unguarded : elevation;
  const certificates = createFakeCertificates(register.now, () => sites.specs());
  const apps = createFakeApps(() => sites.specs());
  const software = createFakeSoftware(options, php, apps);
  const bin = createFakeRecycleBin({
    now: register.now,
    isTaken: (root) => sites.specs().some((spec) => spec.root === root),
    requireTicket: guard.requireTicket,
  });
  const sites = createFakeSites({
    bin,
    checkApp: (spec) => apps.check(spec),
    isServing: software.isRunning,
    hasPhp: php.hasVersion,
    requireTicket: guard.requireTicket,
    checkTls(spec) {
      certificates.check(spec);
      if (spec.behaviour.compression.brotli !== 'default' && !software.hasTool('nginx-brotli'))
        throw new AppError('invalid_request', 'The installed nginx cannot do this.', {
          fields: [{ field: 'behaviour.compression.brotli', code: 'brotli_unavailable' }],
        });
    },
  });
  const databases = createFakeDatabases({
    now: register.now,
    isInstalled: software.hasServer,
    runMs: options.databaseRunMs ?? 1_500,
  });
  const terminals = createFakeTerminals({
    now: register.now,
    requireTicket: guard.requireTicket,
    may: (personId, permission) => permissionsOf(register.getActive(personId)).includes(permission),
    recordingOf: (personId) => register.people.get(personId)?.recording ?? 'always',
  });
  const backups = createFakeBackups({
    path: statePath === undefined ? undefined : `${statePath}.backups.json`,
    now: register.now,
    runMs: options.backupRunMs,
    requireTicket: guard.requireTicket,
  });
  const actions: FakeActions = {
    'agent.info': () =>
      Promise.resolve({
        protocol: agentProtocol,
        version: 'fake',
        isRoot: false,
        hasSystemd: false,
        recovered: [],
        uptimeSeconds: (Date.now() - startedAt) / 1000,
      }),
    ...createFakeAudit(register.key, statePath === undefined ? undefined : `${statePath}.audit.jsonl`),
    ...createFakeAapanel(certificates.actions['certificates.put']),
    ...backups,
    'nginx.features': () => Promise.resolve({ hasHttp3: true, hasBrotli: software.hasTool('nginx-brotli') }),
    ...createFakePeople(register),
    ...certificates.actions,
    ...apps.actions,
    ...createFakeArchives({ runMs: options.deployMs ?? 2_000, now: register.now, specs: () => sites.specs() }),
    ...createFakeCopies({
      runMs: options.copyMs ?? 2_000,
      now: register.now,
      sites,
      databases,
      certificates,
      requireTicket: guard.requireTicket,
    }),
    ...createFakeCron({
      now: register.now,
      runMs: options.cronRunMs ?? 1_500,
      hasSite: (siteId) => [...sites.specs()].some((spec) => spec.siteId === siteId),
      hasPlan: async (planId, call) => (await backups['backups.state']({}, call)).plans.some(({ id }) => id === planId),
      requireTicket: guard.requireTicket,
    }),
    ...createFakeDatabaseServers({
      isInstalled: software.hasServer,
      databases: databases.names,
    }),
    ...databases.actions,
    ...createFakeDependencies({ runMs: options.deployMs ?? 2_000, now: register.now, specs: () => sites.specs() }),
    ...createFakeDeployments({
      runMs: options.deployMs ?? 2_000,
      now: register.now,
      specs: () => sites.specs(),
      requireTicket: guard.requireTicket,
    }),
    ...createFakeFolders(register.now, guard.requireTicket),
    ...createFakeLogs({ specs: () => sites.specs(), now: register.now }),
    ...createFakeSiteFiles({
      runMs: options.copyMs ?? 2_000,
      now: register.now,
      specs: () => sites.specs(),
      databases: databases.owned,
      requireTicket: guard.requireTicket,
    }),
    ...sites.actions,
    ...elevation.actions,
    ...php.actions,
    ...factors.actions,
    ...createFakeProcesses(guard.requireTicket),
    ...bin.actions,
    ...createFakeRemoteDatabases(register.now),
    ...createFakeRedis({ now: register.now, isInstalled: () => software.hasTool('redis') }),
    ...createFakeMachineAccounts(),
    ...createFakeFtp(() => software.hasTool('vsftpd')),
    ...createFakeMachineSettings(guard.requireTicket),
    ...createFakeServices(guard.requireTicket),
    ...terminals.actions,
    ...software.actions,
  };
  register.save();

  async function callOnce<N extends AgentActionName>(
    name: N,
    params: unknown,
    { actor, ticket }: AgentCallOptions,
    bytes: Pick<FakeCall, 'bytes' | 'giveBytes'> = {},
  ): Promise<ActionResult<AgentActions[N]>> {
    try {
      checkActor(actor);
      const sent = JSON.parse(JSON.stringify(params)) as unknown;
      const call: FakeCall = { name, params: sent, actor: { id: actor.id, name: actor.name }, ticket, ...bytes };
      const parsed = parseParams(name, sent);
      guard.admit(name, parsed, call);
      options.onCall?.(call);
      const answer = await actions[name](parsed, call);
      watch.set('up');
      return agentActions[name].result.parse(JSON.parse(JSON.stringify(answer))) as ActionResult<AgentActions[N]>;
    } catch (error) {
      const known = asCallError(error);
      watch.set(known.code === 'agent_unavailable' ? 'away' : 'up');
      throw known;
    }
  }

  return {
    mode: 'fake',
    register,
    get state() {
      return watch.state;
    },
    onState: (callback) => watch.onState(callback),
    call: withTickets(callOnce),
    send: (name, params, { stream }, given) => callOnce(name, params, given, { bytes: stream }),
    async fetch(name, params, given) {
      let bytes: Readable | null = null;
      const result = await callOnce(name, params, given, { giveBytes: (stream) => (bytes = stream) });
      return { result, bytes };
    },
    close: () => terminals.close(),
  };
}

type Guard = Pick<FakeElevation, 'admit' | 'requireTicket'>;

const unguarded: Guard = { admit: () => undefined, requireTicket: () => undefined };

function parseParams<N extends AgentActionName>(name: N, sent: unknown): ActionParams<AgentActions[N]> {
  const parsed = agentActions[name].params.safeParse(sent);
  if (!parsed.success) {
    throw new AppError('invalid_request', 'Some fields are not valid.', { fields: fieldsOf(parsed.error) });
  }
  return parsed.data as ActionParams<AgentActions[N]>;
}

function checkActor(actor: { readonly id: string; readonly name: string }): void {
  const parsed = agentActor.safeParse({ id: actor.id, name: actor.name });
  if (!parsed.success)
    throw new AppError('invalid_request', 'The actor is not valid.', { fields: fieldsOf(parsed.error) });
}

function fieldsOf(error: z.ZodError) {
  return error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.'),
    code: /^[a-z][a-z0-9_]*$/.test(message) ? message : 'invalid',
  }));
}

function asCallError(error: unknown): AgentCallError {
  if (error instanceof AgentCallError) return error;
  if (!(error instanceof AppError)) throw error;
  const { code, message, reason, params, fields } = error;
  return new AgentCallError(code, message, {
    ...(reason === undefined ? {} : { reason }),
    params,
    fields,
    isOutcomeKnown: true,
  });
}
