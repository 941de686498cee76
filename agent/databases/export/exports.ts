import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { DatabaseExport, ExportWish } from '#shared/database-exports.ts';
import { AppError } from '#shared/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Machine } from '../../core/machine.ts';
import { mustRun } from '../engines/engines.ts';
import { getReady } from '../records.ts';
import { failureOf } from '../run-work.ts';
import { findExported } from './choice.ts';
import { openDump } from './dump.ts';

/*
 * Exports are kept in memory, from the wish to some time after the end: the bytes go to whoever waits for them, so there is
 * nothing that could be taken up again after a crash.
 */

type Known = {
  readonly databaseId: string;
  readonly personId: string;
  readonly wish: ExportWish;
  readonly leftOut: readonly string[];
  readonly fileName: string;
  readonly begunAt: number;
  state: DatabaseExport['state'];
  sentBytes: number;
  failure: DatabaseExport['failure'];
};

type Shown = ActionResult<AgentActions['databases.export']>;
type One = ActionParams<AgentActions['databases.export_state']>;

const waitMs = 5 * 60_000;
const mostKept = 100;
/** Each is a dump of its own, which the server and this machine have to carry. */
const mostAtOnce = 3;
const known = new Map<string, Known>();

/** Throws `database_table_unknown`, `database_server_*`. */
export async function beginExport(
  machine: Machine,
  { databaseId, exportId, ...wish }: ActionParams<AgentActions['databases.export']>,
  { actor }: Call,
): Promise<Shown> {
  if (known.has(exportId)) return shown(get({ databaseId, exportId }, actor.id));
  const record = getReady(machine, databaseId);
  await mustRun(machine, record.engine);
  const { leftOut, tables } = await findExported(machine, record, wish);
  const fileName = nameOf(record.name, wish);
  const facts = { databaseId, personId: actor.id, wish: { ...wish, tables }, leftOut, fileName };
  for (const [id, each] of known) {
    if (known.size < mostKept) break;
    if (each.state !== 'running') known.delete(id);
  }
  const begun: Known = { ...facts, begunAt: performance.now(), state: 'waiting', sentBytes: 0, failure: null };
  known.set(exportId, begun);
  return shown(begun);
}

export function stateOfExport(one: One, { actor }: Call): Shown {
  return shown(get(one, actor.id));
}

/** Throws `database_export_unknown` for one that was downloaded already, `database_exports_busy`. */
export async function giveExport(machine: Machine, one: One, { actor, giveBytes }: Call): Promise<Shown> {
  const each = get(one, actor.id);
  if (each.state !== 'waiting' || performance.now() - each.begunAt > waitMs) throw unknown();
  const underWay = [...known.values()].filter(({ state }) => state === 'running').length;
  if (underWay >= mostAtOnce)
    throw new AppError('busy', 'Other exports are under way.', { reason: 'database_exports_busy' });
  each.state = 'running';
  const fail = (error: unknown): void => {
    each.state = 'failed';
    each.failure = failureOf(error);
  };
  try {
    const bytes = await openDump(machine, getReady(machine, each.databaseId), each, {
      onBytes: (count) => (each.sentBytes += count),
      onEnd: (error) => (error === undefined ? (each.state = 'succeeded') : fail(error)),
    });
    if (giveBytes === undefined) bytes.destroy();
    else giveBytes(bytes);
  } catch (error) {
    fail(error);
    throw error;
  }
  return shown(each);
}

function get({ databaseId, exportId }: One, personId: string): Known {
  const found = known.get(exportId);
  if (found?.databaseId === databaseId && found.personId === personId) return found;
  throw unknown();
}

const unknown = (): AppError =>
  new AppError('not_found', 'There is no such export any more.', { reason: 'database_export_unknown' });

function shown({ fileName, state, sentBytes, leftOut, failure }: Known): Shown {
  return { fileName, state, sentBytes, leftOut: [...leftOut], failure };
}

function nameOf(database: string, { format, what, tables }: ExportWish): string {
  const [only] = tables?.length === 1 ? tables : [];
  const part = only === undefined ? '' : `-${only.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '_').slice(0, 60)}`;
  return `${database}${part}${what === 'all' ? '' : `-${what}`}.${format}`;
}
