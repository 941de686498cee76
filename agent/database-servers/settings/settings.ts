import { totalmem } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import {
  serverSettings,
  tuningPresets,
  type ServerSettings,
  type ServerSettingsView,
  type TuningPreset,
} from '#shared/database-server-settings.ts';
import { AppError } from '#shared/errors.ts';
import type { Call } from '../../core/call.ts';
import { look, makeFolders, putFile, readText, removeFile, sha256, Unsynced } from '../../core/files.ts';
import type { Machine } from '../../core/machine.ts';
import { findProgram, run } from '../../core/run.ts';
import type { Want } from '../../core/steps.ts';
import { mustRun } from '../../databases/engines/engines.ts';
import { mariadb } from '../../databases/engines/mariadb.ts';
import { databasesLock } from '../../databases/records.ts';
import { peakOf, renderSettings, tunedFor, tunedNames, type Tuned, type TunedName } from './settings.render.ts';

/*
 * Settings of MariaDB in a file of ours, last among those of the distribution. A change is checked by the server's own
 * program before it is written, taken up by the running server without a restart, and taken back when it does not work.
 */

const folders = ['/etc/mysql/mariadb.conf.d', '/etc/mysql/conf.d', '/etc/my.cnf.d'] as const;
const fileName = 'zz-aapanel.cnf';
const logFolder = '/var/log/mysql';
const off: ServerSettings = { preset: null, slowLog: { isOn: false, thresholdMs: 1_000 } };

const settingsRecord = z.strictObject({
  settings: serverSettings,
  previous: serverSettings.nullable(),
  /** What the other files said before the panel said something: what comes back without it. */
  base: z.record(z.string(), z.number()),
  /** Of the file as it was written; null: there was none to write. Memory may be another since. */
  sum: z.string().nullable(),
});

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

const recordPath = (where: Where): string => `${where.stateFolder}/database-servers/mariadb-settings.json`;

function recordOf(where: Where): z.infer<typeof settingsRecord> {
  const text = readText(recordPath(where));
  return text === undefined
    ? { settings: off, previous: null, base: {}, sum: null }
    : settingsRecord.parse(JSON.parse(text));
}

/** Throws `database_settings_place` where the server reads no folder of settings. */
function placeOf({ prefix }: Where): string {
  const folder = folders.find((each) => look(`${prefix}${each}`).type === 'folder');
  if (folder !== undefined) return `${folder}/${fileName}`;
  throw new AppError('in_use', 'This server reads no folder of settings.', { reason: 'database_settings_place' });
}

const slowLogPathOf = ({ prefix }: Where): string | null =>
  look(`${prefix}${logFolder}`).type === 'folder' ? `${prefix}${logFolder}/aapanel-slow.log` : null;

/** Of the machine, or of the part of it that this system may use. */
function memoryOf(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

const text = (where: Where, settings: ServerSettings): string | undefined =>
  renderSettings(settings, { memoryBytes: memoryOf(), slowLogPath: slowLogPathOf(where) });

const sumOf = (content: string | undefined): string | null => (content === undefined ? null : sha256(content));

type Values = ReadonlyMap<string, string>;

/** What the server would start with, by its own program: all of its files, or the one that is named. Throws when it refuses. */
async function valuesOf(where: Where, only?: string): Promise<Values> {
  const program = findProgram('mariadbd', where.prefix) ?? findProgram('mysqld', where.prefix);
  if (program === undefined)
    throw new AppError('in_use', 'No database server is installed.', { reason: 'database_server_missing' });
  const main = where.prefix === '' ? [] : [`--defaults-file=${where.prefix}/etc/mysql/my.cnf`];
  const args = only === undefined ? main : [`--defaults-file=${only}`];
  const { code, stdout, stderr } = await run(program, [...args, '--verbose', '--help'], {
    timeoutMs: 20_000,
    maxOutputBytes: 1024 * 1024,
  });
  if (code !== 0) {
    const said = stderr.split('\n').flatMap((line) => /\[ERROR\] (.*)/.exec(line)?.[1] ?? []);
    throw new AppError('config_rejected', 'The database server does not take these settings.', {
      reason: 'database_settings_refused',
      cause: new Error(said.join('\n') || stderr),
    });
  }
  const table = stdout.slice(Math.max(0, stdout.indexOf('\nVariables (--variable-name=value)')));
  return new Map(
    [...table.matchAll(/^([a-z][a-z0-9-]+) +(\S.*)$/gm)].map(([, name = '', value = '']) => [
      name.replaceAll('-', '_'),
      value.trim(),
    ]),
  );
}

const slowNames = ['slow_query_log', 'slow_query_log_file', 'long_query_time'] as const;

/** As a literal for `set global`; undefined: nothing that is set here. */
function valueSql(name: TunedName | (typeof slowNames)[number], value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (name === 'slow_query_log') return value === 'TRUE' ? '1' : '0';
  if (name === 'slow_query_log_file') return mariadb.literal(value);
  return /^\d+(\.\d+)?$/.test(value) ? value : undefined;
}

/** The running server takes up what its files say now. */
async function takeUp(where: Where): Promise<void> {
  const values = await valuesOf(where);
  const names = [...slowNames.toReversed(), ...tunedNames] as const;
  const sql = names.flatMap((name) => {
    const value = valueSql(name, values.get(name));
    return value === undefined ? [] : [`set global ${name} = ${value};`];
  });
  await mariadb.ask(where, sql.join('\n'), { timeoutMs: 60_000 });
}

async function runtimeOf(where: Where): Promise<Tuned> {
  const [row = []] = await mariadb.ask(where, `select ${tunedNames.map((name) => `@@global.${name}`).join(', ')};`);
  return Object.fromEntries(tunedNames.map((name, index) => [name, Number(row[index] ?? 0)])) as Tuned;
}

/** Servers round sizes to their own steps. */
const isAlike = (one: number, other: number): boolean => Math.abs(one - other) <= Math.max(one, other) * 0.05;

/** Throws `database_server_*`, `database_settings_place`. */
export async function readSettings(machine: Machine): Promise<ServerSettingsView> {
  await mustRun(machine, 'mariadb');
  const path = placeOf(machine);
  const { settings, previous, base, sum } = recordOf(machine);
  const onDisk = readText(`${machine.prefix}${path}`);
  const [runtime, starting] = await Promise.all([runtimeOf(machine), valuesOf(machine)]);
  const without = settings.preset === null ? tunedIn(starting) : ({ ...tunedIn(starting), ...base } as Tuned);
  const memoryBytes = memoryOf();
  const choiceOf = (preset: TuningPreset | null): ServerSettingsView['choices'][number] => {
    const next = preset === null ? without : tunedFor(preset, memoryBytes);
    const values = tunedNames.map((name) => ({ name, now: runtime[name], next: next[name] }));
    return { preset, values, peakBytes: peakOf(next) };
  };
  return {
    path,
    revision: sha256(JSON.stringify([onDisk ?? null, settings])),
    settings,
    previous,
    isChangedByHand: sumOf(onDisk) !== sum,
    memoryBytes,
    choices: [null, ...tuningPresets].map(choiceOf),
    waiting: waitingIn(runtime, starting),
  };
}

const tunedIn = (values: Values): Tuned =>
  Object.fromEntries(tunedNames.map((name) => [name, Number(values.get(name) ?? 0)])) as Tuned;

async function withCandidate<T>(machine: Machine, content: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = `${machine.stateFolder}/database-servers`;
  const path = `${folder}/candidate.cnf`;
  makeFolders(folder);
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(content), { mode: 0o600 }, 'candidate', unsynced);
  unsynced.drop();
  try {
    return await use(path);
  } finally {
    removeFile(path, new Unsynced());
  }
}

/** Throws `database_settings_*`; nothing is different then. */
export async function putSettings(
  machine: Machine,
  { settings, revision, changeId }: ActionParams<AgentActions['database_servers.put_settings']>,
  { actor, deadlineAt }: Call,
): Promise<ServerSettingsView> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    const before = await readSettings(machine);
    if (before.revision !== revision)
      throw new AppError('changed_meanwhile', 'The settings were changed in the meantime.', {
        reason: 'database_settings_changed',
      });
    const content = text(machine, settings);
    const path = `${machine.prefix}${before.path}`;
    const base = before.choices.find(({ preset }) => preset === null)?.values ?? [];
    const record = {
      settings,
      previous: before.settings,
      base: Object.fromEntries(base.map(({ name, next }) => [name, next])),
      sum: sumOf(content),
    };
    makeFolders(`${machine.stateFolder}/database-servers`);
    const wants: Want[] = [
      content === undefined
        ? { kind: 'remove', path }
        : { kind: 'file', path, bytes: Buffer.from(content), mode: 0o644, uid: 0, gid: 0 },
      {
        kind: 'file',
        path: recordPath(machine),
        bytes: Buffer.from(`${JSON.stringify(record)}\n`),
        mode: 0o600,
        uid: 0,
        gid: 0,
      },
    ];
    await machine.engine.run({
      changeId,
      action: 'database_servers.put_settings',
      actor: actor.id,
      wants,
      ...(content === undefined
        ? {}
        : { validate: async () => void (await withCandidate(machine, content, (file) => valuesOf(machine, file))) }),
      activate: () => takeUp(machine),
      probe: () => probe(machine, settings),
    });
    return await readSettings(machine);
  });
}

/** The next start would have exactly this, and the server still answers. */
async function probe(machine: Machine, { preset, slowLog }: ServerSettings): Promise<void> {
  const starting = await valuesOf(machine);
  const wanted: Partial<Tuned> = preset === null ? {} : tunedFor(preset, memoryOf());
  const wrong = Object.entries<number>(wanted).find(
    ([name, value]) => !isAlike(Number(starting.get(name) ?? 0), value),
  );
  const isSlowWrong = slowLog.isOn && Number(starting.get('long_query_time')) * 1_000 !== slowLog.thresholdMs;
  if (wrong !== undefined || isSlowWrong)
    throw new AppError('config_rejected', 'Another file of settings says something else.', {
      reason: 'database_settings_overridden',
      params: { name: wrong?.[0] ?? 'long_query_time' },
    });
  await untilTakenUp(machine, starting);
}

/** The pool grows while the server works. What it does not take up at all waits for its next start: that is said, and no failure. */
async function untilTakenUp(machine: Machine, starting: Values): Promise<void> {
  for (const endsAt = performance.now() + 8_000; performance.now() < endsAt; ) {
    await mustRun(machine, 'mariadb');
    if (waitingIn(await runtimeOf(machine), starting).length === 0) return;
    await wait(200);
  }
}

const waitingIn = (runtime: Tuned, starting: Values): TunedName[] =>
  tunedNames.filter((name) => !isAlike(runtime[name], Number(starting.get(name) ?? runtime[name])));
