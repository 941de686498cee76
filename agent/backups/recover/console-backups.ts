import { z } from 'zod';
import { absolutePath, targetPlace, targetSecret } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { hasSystemdNow, type AgentSettings } from '../../core/machine.ts';
import { coreOf, localTargetPaths } from '../core.ts';
import { newId } from '../keys.ts';
import { importLegacy } from '../legacy/import-legacy.ts';
import { withTarget } from '../open-target.ts';
import { importFile } from '../portable/import-file.ts';
import { endWork, makeWork } from '../work-of.ts';
import type { BackupWork } from '../work.ts';
import type { BackupCommand } from './console-commands.ts';
import { recover } from './recover.ts';

/*
 * What only root on the machine does with backups, because it takes a secret that the panel does not have, or because
 * there is no panel yet. One object of JSON on standard input, so that no secret stands in an argument:
 *
 *   backup-recover         {place, secret, recoveryKey, parts, setId}
 *   backup-import          {path, targetId, recoveryKey}
 *   backup-import-legacy   {path, into, allow, oldKey, isProduction}
 *
 * Progress is said line by line on standard error.
 */

const inputs = {
  'backup-recover': z.strictObject({
    place: targetPlace,
    secret: targetSecret.default({ kind: 'none' }),
    recoveryKey: z.string().max(200),
    parts: z.array(z.string().max(4200)).min(1).max(500).nullable().default(null),
    setId: id.nullable().default(null),
  }),
  'backup-import': z.strictObject({ path: absolutePath, targetId: id, recoveryKey: z.string().max(200) }),
  'backup-import-legacy': z.strictObject({
    path: absolutePath,
    into: absolutePath,
    allow: z.enum(['v1', 'v2']),
    oldKey: z.string().max(4096).nullable().default(null),
    isProduction: z.boolean().default(true),
  }),
} as const satisfies Record<BackupCommand, z.ZodType>;

/** Answers what was done. Throws AppError; a report that people should see goes to `say` with the rest. */
export async function runBackupCommand(
  settings: AgentSettings,
  stateFolder: string,
  command: BackupCommand,
  input: string,
  say: (line: string) => void,
): Promise<unknown> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  const place = {
    settings,
    prefix: settings.rootPrefix,
    stateFolder,
    isRoot: process.getuid?.() === 0,
    hasSystemd: settings.rootPrefix === '' && hasSystemdNow(),
    now: Date.now,
  };
  const report: BackupWork['report'] = ({ what, subject, reason, params }) =>
    say(`${what} ${subject}${reason === null ? '' : ` ${reason}`} ${JSON.stringify(params)}`);
  const work = makeWork(place, newId(), stop.signal, { log: say, phase: () => undefined, report });
  try {
    return await obey(work, command, input);
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    endWork(work);
  }
}

async function obey(work: BackupWork, command: BackupCommand, input: string): Promise<unknown> {
  if (command === 'backup-recover') return await recover(work, read(inputs[command], input));
  if (command === 'backup-import') {
    const request = read(inputs[command], input);
    const setId = await withTarget(
      work,
      request.targetId,
      async (open) => await importFile(work, coreOf(work, open), request),
    );
    return { setId };
  }
  const { oldKey, ...request } = read(inputs[command], input);
  await importLegacy(work, { ...request, oldKey: oldKey ?? undefined, targetPaths: localTargetPaths(work) });
  return { into: request.into };
}

/** Never says what was given: it holds secrets. */
function read<T extends z.ZodType>(shape: T, input: string): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(input);
  } catch {
    throw new AppError('invalid_request', 'One object of JSON is expected.');
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
    field: path.map(String).join('.').slice(0, 200),
    code: /^[a-z][a-z0-9_]*$/.test(message) ? message : 'invalid',
  }));
  throw new AppError('invalid_request', 'Some values are not valid.', { fields });
}
