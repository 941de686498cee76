import type { Selectable } from 'kysely';
import type { z } from 'zod';
import { jobStates, type Job, type jobLogLine } from '#shared/jobs.ts';
import type { Db } from '../../db/schema.ts';
import type { JobTable } from '../../db/tables/jobs.ts';
import type { LogText } from './handler.ts';

export type JobRow = Selectable<JobTable>;
export type JobLogLine = z.output<typeof jobLogLine>;
export type Step = Job['steps'][number];

/** States in which a worker has something to do. */
export const openStates = ['queued', 'running', 'cancelling', 'compensating'] as const;
const maxLineBytes = 64 * 1024;
const maxLogBytes = 10 * 1024 * 1024;
const cutMark = '… [cut]';
const fullMark = 'the log has reached its limit of 10 MB; what follows is not kept';

export function isOpen(state: string): boolean {
  return openStates.some((open) => open === state);
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

export function toJob(row: JobRow): Job {
  const [state = 'failed'] = jobStates.filter((known) => known === row.state);
  return {
    id: row.id,
    kind: row.kind as Job['kind'],
    subject: JSON.parse(row.subject_json) as Record<string, string>,
    state,
    steps: JSON.parse(row.steps_json) as Step[],
    progress: row.progress,
    attempts: row.attempts,
    failure: row.failure_json === null ? null : (JSON.parse(row.failure_json) as Job['failure']),
    actor: { id: row.actor_id, name: row.actor_name },
    createdAt: new Date(row.created_at).toISOString(),
    startedAt: iso(row.started_at),
    endedAt: iso(row.ended_at),
  };
}

export async function insertJob(
  db: Db,
  job: {
    id: string;
    kind: string;
    subject: Record<string, string>;
    params: unknown;
    steps: readonly string[];
    actor: { readonly id: string; readonly name: string };
    at: number;
  },
): Promise<void> {
  const steps: Step[] = job.steps.map((name) => ({ name, state: 'waiting', startedAt: null, endedAt: null }));
  await db
    .insertInto('job')
    .values({
      id: job.id,
      kind: job.kind,
      subject_json: JSON.stringify(job.subject),
      params_json: JSON.stringify(job.params),
      state: 'queued',
      steps_json: JSON.stringify(steps),
      memory_json: '{}',
      progress: null,
      attempts: 0,
      lease_until_at: null,
      worker: null,
      failure_json: null,
      actor_id: job.actor.id,
      actor_name: job.actor.name.slice(0, 128),
      cancel_requested_at: null,
      log_bytes: 0,
      created_at: job.at,
      started_at: null,
      ended_at: null,
    })
    .execute();
}

export async function findJobRow(db: Db, id: string): Promise<JobRow | undefined> {
  return db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function listJobs(
  db: Db,
  {
    page,
    pageSize,
    state,
    actorId,
  }: {
    page: number;
    pageSize: number;
    state?: string | undefined;
    /** Only those that this person began. */
    actorId?: string | undefined;
  },
): Promise<{ items: Job[]; total: number }> {
  let rows = db.selectFrom('job');
  if (actorId !== undefined) rows = rows.where('actor_id', '=', actorId);
  if (state !== undefined) rows = rows.where('state', '=', state);
  const { total } = await rows.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow();
  const found = await rows
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute();
  return { items: found.map(toJob), total: Number(total) };
}

/** Open jobs of this kind, oldest first. */
export async function listOpenJobs(db: Db, kind: string): Promise<JobRow[]> {
  return db
    .selectFrom('job')
    .selectAll()
    .where('kind', '=', kind)
    .where('state', 'in', openStates)
    .orderBy('created_at')
    .execute();
}

/** The newest job of a kind that is about a site. */
export async function findLastJob(db: Db, kind: string, siteId: string): Promise<Job | undefined> {
  const rows = await db
    .selectFrom('job')
    .selectAll()
    .where('kind', '=', kind)
    .orderBy('created_at', 'desc')
    .limit(200)
    .execute();
  const row = rows.find(
    ({ subject_json }) => (JSON.parse(subject_json) as Record<string, string>)['siteId'] === siteId,
  );
  return row === undefined ? undefined : toJob(row);
}

/** Jobs that a worker could have, oldest first: free ones and held ones (whose holder may be gone). */
export async function listCandidates(db: Db): Promise<JobRow[]> {
  return db
    .selectFrom('job')
    .selectAll()
    .where('state', 'in', openStates)
    .orderBy('created_at')
    .orderBy('id')
    .limit(50)
    .execute();
}

/** Takes the job when nobody has since it was read. The raised `attempts` shuts the former holder out. */
export async function claimJob(
  db: Db,
  seen: JobRow,
  { worker, now, leaseMs }: { worker: string; now: number; leaseMs: number },
): Promise<JobRow | undefined> {
  const result = await db
    .updateTable('job')
    .set({ worker, attempts: seen.attempts + 1, lease_until_at: now + leaseMs, started_at: seen.started_at ?? now })
    .where('id', '=', seen.id)
    .where('attempts', '=', seen.attempts)
    .where('state', 'in', openStates)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return undefined;
  return findJobRow(db, seen.id);
}

/** Writes columns of a claimed job; false when the claim is no longer ours. */
export async function updateClaimed(
  db: Db,
  claim: Pick<JobRow, 'id' | 'attempts'>,
  columns: Partial<Omit<JobRow, 'id' | 'attempts'>>,
): Promise<boolean> {
  const result = await db
    .updateTable('job')
    .set(columns)
    .where('id', '=', claim.id)
    .where('attempts', '=', claim.attempts)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Marks the wish to cancel; a job that nobody has is over at once. Returns false when it had ended already. */
export async function requestCancel(db: Db, id: string, now: number): Promise<boolean> {
  const ended = await db
    .updateTable('job')
    .set({ state: 'cancelled', cancel_requested_at: now, ended_at: now })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .where('attempts', '=', 0)
    .executeTakeFirst();
  if (ended.numUpdatedRows > 0n) return true;
  const asked = await db
    .updateTable('job')
    .set({ cancel_requested_at: now })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running', 'cancelling'])
    .executeTakeFirst();
  return asked.numUpdatedRows > 0n;
}

export async function lastSeq(db: Db, jobId: string): Promise<number> {
  const row = await db
    .selectFrom('job_log')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .where('job_id', '=', jobId)
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}

/** Log lines after `seq`, oldest first. */
export async function listLog(db: Db, jobId: string, seq: number, limit: number): Promise<JobLogLine[]> {
  const rows = await db
    .selectFrom('job_log')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    seq: row.seq,
    at: new Date(row.at).toISOString(),
    stream: row.stream as JobLogLine['stream'],
    text: row.text,
  }));
}

/** Lines as they are kept: cut at 64 KiB each, and none once the whole log has 10 MB. Answers the new size too. */
export function boundLog(lines: readonly LogText[], logBytes: number): { lines: LogText[]; logBytes: number } {
  const kept: LogText[] = [];
  let size = logBytes;
  for (const { stream, text } of lines) {
    if (size >= maxLogBytes) break;
    const cut = cutLine(text);
    const bytes = Buffer.byteLength(cut);
    if (size + bytes > maxLogBytes) {
      kept.push({ stream: 'note', text: fullMark });
      size = maxLogBytes;
      break;
    }
    kept.push({ stream, text: cut });
    size += bytes;
  }
  return { lines: kept, logBytes: size };
}

function cutLine(text: string): string {
  if (text.length * 3 <= maxLineBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= maxLineBytes) return text;
  // A character cut in two at the end is dropped.
  return (
    bytes
      .subarray(0, maxLineBytes - 16)
      .toString('utf8')
      .replace(/\uFFFD$/, '') + cutMark
  );
}

export async function insertLog(
  db: Db,
  jobId: string,
  firstSeq: number,
  at: number,
  lines: readonly LogText[],
): Promise<void> {
  for (let from = 0; from < lines.length; from += 100) {
    const rows = lines.slice(from, from + 100).map(({ stream, text }, index) => ({
      job_id: jobId,
      seq: firstSeq + from + index,
      at,
      stream,
      text,
    }));
    await db.insertInto('job_log').values(rows).execute();
  }
}

/** Deletes jobs that ended before `at`, with their logs. */
export async function deleteEndedBefore(db: Db, at: number): Promise<void> {
  await db.deleteFrom('job').where('ended_at', 'is not', null).where('ended_at', '<', at).execute();
}
