import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActionName, AgentActions } from '#shared/agent/index.ts';
import { unpackChoices } from '#shared/archives.ts';
import { databaseName, databaseUser } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { installableName } from '#shared/software.ts';
import { phpVersion } from '#shared/site-php.ts';
import { tablePrefix, wordpressSource } from '#shared/wordpress.ts';
import type { Actor } from '../../core/actor.ts';
import { panelActor } from '../../core/agent-client.ts';
import { patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';
import { followUnpacking } from '../archives/unpack.logic.ts';
import { deleteSite } from '../sites/sites.logic.ts';
import { fetchRelease, placeOf, readSum } from './wordpress.fetch.ts';

const params = z.strictObject({
  siteId: id,
  slug: z.string(),
  phpVersion,
  /** Of PHP, still to be installed. */
  extensions: z.array(z.string()),
  source: wordpressSource,
  /** In place of its makers. */
  mirror: z.string().nullable(),
  database: z.strictObject({ name: databaseName, user: databaseUser }),
  tablePrefix,
  removesSite: z.boolean(),
});
export type WordpressParams = z.output<typeof params>;

/** Steps that fail take back what those before them made, the site last. */
export const wordpressInstallHandler = jobHandler<WordpressParams>({
  kind: 'wordpress.install',
  params,
  steps: [
    { name: 'wordpress_site', run: lookAtSite, compensate: takeSiteBack },
    { name: 'wordpress_php', run: installExtensions },
    { name: 'wordpress_fetch', run: fetchArchive, compensate: dropArchive },
    { name: 'wordpress_database', run: makeDatabase, compensate: dropDatabase },
    { name: 'wordpress_place', run: putInPlace, compensate: takeFilesBack },
  ],
});

/** Much may have happened before a worker came to it. */
async function lookAtSite(job: JobRun, { siteId }: WordpressParams): Promise<void> {
  const row = await job.ctx.db.selectFrom('site').select(['kind']).where('id', '=', siteId).executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  if (row.kind !== 'php')
    throw new AppError('in_use', 'WordPress needs a PHP site.', { reason: 'wordpress_needs_php' });
}

const installSteps = ['refresh', 'install', 'configure', 'start', 'verify'] as const;

async function installExtensions(job: JobRun, given: WordpressParams): Promise<void> {
  for (const extension of given.extensions) {
    const name = installableName.parse(`php${given.phpVersion}-${extension}`);
    await say(job, `Installing ${name}.`);
    const operationId = idFor(job, name);
    for (const step of installSteps) {
      const begin = () => call(job, 'software.install', { name, operationId, step });
      await patiently(job, begin);
      for (let offset = 0; ; ) {
        job.signal.throwIfAborted();
        const seen = await patiently(job, () => call(job, 'software.operation', { operationId, step, offset }));
        if (seen.state === 'unknown') await patiently(job, begin);
        const { whole, rest } = splitLines(seen.text);
        await sayAll(job, rest === '' ? whole : [...whole, rest]);
        const hasMore = seen.nextOffset > offset;
        offset = seen.nextOffset;
        if (seen.state === 'failed' && !hasMore)
          throw new AppError('internal', 'An extension of PHP was not installed.', {
            reason: 'install_step_failed',
            params: { step, ...(seen.exitCode === null ? {} : { exitCode: seen.exitCode }) },
          });
        if (seen.state === 'succeeded' && !hasMore) break;
        await pause(job, hasMore ? 0 : pollMs);
      }
    }
  }
}

/** A download goes the way of an archive that a person sends: in pieces, to the agent, which alone unpacks it. */
async function fetchArchive(job: JobRun, given: WordpressParams): Promise<void> {
  const { source, mirror } = given;
  if (source.kind === 'archive' || job.memory['isFetched'] === true) return;
  const place = placeOf(source, mirror);
  const [site, uploadId] = [siteOf(given), uploadIdOf(job, given)];
  await say(job, `Fetching ${place.url}.`);
  const sum = await readSum(place, job.signal);
  // What an interrupted one left may be of another release.
  await patiently(job, () => call(job, 'archives.discard', { site, uploadId }));
  let size = 0;
  let shown = 0;
  await fetchRelease(
    place,
    sum,
    {
      async begin(sizeBytes) {
        size = sizeBytes;
        const begun = { site, uploadId, fileName: place.fileName, sizeBytes };
        await patiently(job, () => call(job, 'archives.begin', begun));
      },
      async write(offset, piece) {
        const data = piece.toString('base64');
        await patiently(job, () => call(job, 'archives.write', { site, uploadId, offset, data }));
        const progress = Math.floor(((offset + piece.length) / size) * 100);
        if (progress < shown + 5) return;
        shown = progress;
        await job.record({ progress });
      },
    },
    job.signal,
  );
  await job.record({
    lines: [{ stream: 'note', text: `SHA-1 ${sum} is the one that is published.` }],
    memory: { ...job.memory, isFetched: true },
  });
}

async function makeDatabase(job: JobRun, given: WordpressParams): Promise<void> {
  const { database, siteId } = given;
  const databaseId = idFor(job, 'database');
  await say(job, `Making the database ${database.name} with a user of its own.`);
  await patiently(job, () =>
    call(job, 'databases.create', {
      databaseId,
      engine: 'mariadb',
      name: database.name,
      user: database.user,
      password: null,
      charset: 'utf8mb4',
      locale: null,
      siteId,
    }),
  );
}

async function putInPlace(job: JobRun, given: WordpressParams): Promise<void> {
  await followUnpacking(
    job,
    {
      siteId: given.siteId,
      slug: given.slug,
      uploadId: uploadIdOf(job, given),
      choices: unpackChoices.parse({ onConflict: 'keep' }),
      app: { kind: 'wordpress', databaseId: idFor(job, 'database'), tablePrefix: given.tablePrefix },
    },
    { unpackingId: idFor(job, 'unpacking'), phase: 'tidy' },
  );
}

async function takeFilesBack(job: JobRun, given: WordpressParams): Promise<void> {
  const asked = { site: siteOf(given), unpackingId: idFor(job, 'unpacking') };
  await patiently(job, () => call(job, 'archives.cancel', asked));
}

async function dropDatabase(job: JobRun): Promise<void> {
  await patiently(job, () => call(job, 'databases.discard', { databaseId: idFor(job, 'database') }));
}

/** An archive that a person sent stays for another try. */
async function dropArchive(job: JobRun, given: WordpressParams): Promise<void> {
  if (given.source.kind === 'archive') return;
  await patiently(job, () => call(job, 'archives.discard', { site: siteOf(given), uploadId: uploadIdOf(job, given) }));
}

/** The folder stays, as files of others may have come into it; ours are out of it already. */
async function takeSiteBack(job: JobRun, given: WordpressParams): Promise<void> {
  if (!given.removesSite) return;
  const row = await job.ctx.db.selectFrom('site').select(['root']).where('id', '=', given.siteId).executeTakeFirst();
  if (row === undefined) return;
  const { confirm } = await patiently(job, () =>
    call(job, 'sites.preview_removal', { site: siteOf(given), root: row.root }),
  );
  // Whether they may is the agent's to say, by its own register.
  const actor: Actor = { ...job.actor, role: '', permissions: [], siteScope: 'all', siteIds: [], sessionId: '' };
  const asker = { actor, requestId: `job-${job.jobId}` };
  await deleteSite(job.ctx, asker, given.siteId, { confirm, files: 'keep' }, undefined);
}

const siteOf = ({ siteId, slug }: WordpressParams): { siteId: string; slug: string } => ({ siteId, slug });
const uploadIdOf = (job: JobRun, { source }: WordpressParams): string =>
  source.kind === 'archive' ? source.uploadId : idFor(job, 'upload');

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** The same in every try of one job, another one in each job. */
function idFor({ jobId }: Pick<JobRun, 'jobId'>, what: string): string {
  const hash = createHash('sha256').update(`${jobId} ${what}`).digest();
  return Array.from({ length: 16 }, (_, index) => letters[(hash[index] ?? 0) % 32]).join('');
}

async function say(job: JobRun, text: string): Promise<void> {
  await sayAll(job, [text]);
}

async function sayAll(job: JobRun, texts: readonly string[]): Promise<void> {
  if (texts.length > 0) await job.record({ lines: texts.map((text) => ({ stream: 'out', text })) });
}

/** As the person who asked, except where only the panel looks on. */
function call<N extends AgentActionName>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
): Promise<ActionResult<AgentActions[N]>> {
  const actor = action === 'software.operation' ? panelActor : job.actor;
  return job.ctx.agent.call(action, given, { actor, requestId: `job-${job.jobId}` });
}
