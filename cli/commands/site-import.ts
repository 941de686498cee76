import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { archiveFileName, maxArchiveBytes, uploadChunkBytes } from '#shared/archives.ts';
import { jobsApi, type Job } from '#shared/jobs.ts';
import { siteFileChoices, siteFilesApi, type SiteFileDatabase, type SiteFilePreview } from '#shared/site-files.ts';
import { newRunId } from '../backup-follow.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { openPanel, Refused, type PanelApi } from '../panel-api.ts';
import { askPassphrase, checkInputs, givenPassphrase, readToken, secretOptions } from '../site-secrets.ts';
import { inSentences, oneLine, progressOf, refusalText } from '../site-words.ts';
import { noteTexts, stayTexts } from '../texts-site.ts';
import { pathOf } from './backup-move.ts';

const pollMs = 500;

/**
 * `site import FILE [--dry-run] [--domains A,B …] [--name NAME] [--php VERSION] [--database NAME[=NEW] …] [--with-directives]
 * [--with-secrets] [--no-certificate] [--passphrase-file FILE|-] [--token-file FILE|-] [--json]`: the dry run is always shown
 * first; what stands in the way ends it with 1, and nothing is made.
 */
export const siteImport: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    {
      'dry-run': 'boolean',
      domains: 'strings',
      name: 'string',
      php: 'string',
      database: 'strings',
      'with-directives': 'boolean',
      'with-secrets': 'boolean',
      'no-certificate': 'boolean',
      json: 'boolean',
      ...secretOptions,
    },
    1,
  );
  if (words[0] === undefined) throw new UsageError('site import FILE');
  checkInputs(options);
  const domains = (options.domains ?? []).flatMap((each) => each.split(/[\s,]+/)).filter((each) => each !== '');
  const wanted = {
    ...(domains.length === 0 ? {} : { domains }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.php === undefined ? {} : { phpVersion: options.php }),
    withDirectives: options['with-directives'] === true,
    withSecrets: options['with-secrets'] === true,
    withCertificate: options['no-certificate'] !== true,
  };
  const path = pathOf(ctx, words[0]);
  const token = await readToken(ctx, options);
  const say = options.json === true ? ctx.err : ctx.out;
  return await inSentences(ctx, async () => {
    const panel = await openPanel(ctx, token);
    const uploadId = await send(ctx, panel, path, say);
    let isTaken = false;
    try {
      const opened = await look(ctx, panel, uploadId, () => passphraseFor(ctx, options));
      const databases = (options.database ?? []).map((each) => databaseOf(ctx, each, opened.databases));
      const checked = siteFileChoices.safeParse({ ...wanted, databases });
      if (!checked.success) throw new UsageError(checked.error.issues[0]?.path.join('.') ?? '');
      const preview = await panel.call(siteFilesApi.preview, { params: { uploadId }, body: checked.data });
      const isBlocked = preview.notes.some(({ blocks }) => blocks);
      if (options.json !== true) show(ctx, preview);
      if (options['dry-run'] === true || isBlocked) {
        if (options.json === true) ctx.out(JSON.stringify(preview, null, 2));
        else ctx.out(ctx.text(isBlocked ? 'siteBlocked' : 'siteOnlyDry'));
        return isBlocked ? exitCodes.failure : exitCodes.success;
      }
      const given = { params: { uploadId }, body: checked.data, idempotencyKey: newRunId() };
      const job = await follow(ctx, panel, (await panel.call(siteFilesApi.import, given)).id, say);
      isTaken = job.state === 'succeeded';
      if (options.json === true) ctx.out(JSON.stringify({ preview, job }, null, 2));
      if (!isTaken) throw new CommandError(failureText(ctx, job));
      if (options.json !== true) ctx.out(ctx.text('siteImported', { domains: preview.domains.map(oneLine).join(' ') }));
      return exitCodes.success;
    } finally {
      // What a site was made of is gone already.
      if (!isTaken)
        await panel.call(siteFilesApi.discard, { params: { uploadId } }).catch((error: unknown) => {
          if (!(error instanceof Refused)) throw error;
        });
    }
  });
};

async function passphraseFor(ctx: CommandContext, options: Parameters<typeof givenPassphrase>[1]): Promise<string> {
  const given = givenPassphrase(ctx, options);
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) throw new CommandError(ctx.text('siteFileLocked'));
  return await askPassphrase(ctx);
}

/** In pieces, each of which may be sent twice. */
async function send(ctx: CommandContext, panel: PanelApi, path: string, say: (line: string) => void): Promise<string> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    throw new CommandError(ctx.text('backupFileUnread', { path }));
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size === 0 || stats.size > maxArchiveBytes)
      throw new CommandError(ctx.text('siteFileUnknown'));
    const named = archiveFileName.safeParse(basename(path));
    const body = { fileName: named.success ? named.data : 'site.tar', sizeBytes: stats.size };
    const { id: uploadId } = await panel.call(siteFilesApi.begin, { body, idempotencyKey: newRunId() });
    const tell = progressOf(say, ctx.text('siteSending'));
    const piece = Buffer.alloc(uploadChunkBytes);
    for (let offset = 0; offset < stats.size; ) {
      const count = readSync(fd, piece, 0, piece.length, offset);
      if (count === 0) throw new CommandError(ctx.text('backupFileUnread', { path }));
      const data = piece.subarray(0, count).toString('base64');
      await panel.call(siteFilesApi.write, { params: { uploadId }, body: { offset, data } });
      offset += count;
      tell((offset / stats.size) * 100);
    }
    return uploadId;
  } finally {
    closeSync(fd);
  }
}

/** What is in the file; one that is sealed is opened first. */
async function look(
  ctx: CommandContext,
  panel: PanelApi,
  uploadId: string,
  passphrase: () => Promise<string>,
): Promise<SiteFilePreview> {
  const ask = () => panel.call(siteFilesApi.preview, { params: { uploadId }, body: {} });
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Refused) || error.reason !== 'site_file_locked') throw error;
    await panel.call(siteFilesApi.unlock, { params: { uploadId }, body: { passphrase: await passphrase() } });
    return await ask();
  }
}

/** `shop` or `shop=shop_2`: the account is called like the database. */
function databaseOf(
  ctx: CommandContext,
  given: string,
  inFile: readonly SiteFileDatabase[],
): { index: number; name: string; user: string } {
  const [name = '', next] = given.split('=');
  const index = inFile.findIndex((each) => each.name === name);
  const found = inFile[index];
  if (found === undefined) throw new CommandError(ctx.text('siteDatabaseUnknown', { name: oneLine(name) }));
  return { index, name: next ?? found.name, user: next ?? found.user };
}

function show(ctx: CommandContext, preview: SiteFilePreview): void {
  const { origin, kind, domains, root, php, files, bytes, certificate, databases, notes, stays } = preview;
  ctx.out(ctx.text(origin === 'own' ? 'siteOriginOwn' : 'siteOriginOther'));
  const lines: [string, string | null][] = [
    [ctx.text('siteKind'), php === null ? kind : `PHP ${php.version}`],
    [ctx.text('siteDomains'), domains.join(' ')],
    [ctx.text('siteRoot'), root],
    [ctx.text('siteContent'), ctx.text('siteContentText', { files, bytes })],
    [ctx.text('siteDatabases'), databases.length === 0 ? null : databases.map(({ name }) => name).join(' ')],
    [
      ctx.text('siteCertificate'),
      certificate === null ? null : `${certificate.names.join(' ')} · ${certificate.validUntil ?? '?'}`,
    ],
  ];
  for (const [title, value] of lines) if (value !== null) ctx.out(`${title}: ${oneLine(value)}`);
  for (const { code, blocks, params } of notes) {
    const values = Object.values(params).map((each) => oneLine(String(each)));
    const facts = values.length === 0 ? '' : `: ${values.join(', ')}`;
    ctx.out(`${blocks ? '✗' : '·'} ${noteTexts[code][ctx.language]} (${code}${facts})`);
  }
  const between = ctx.language === 'ar' ? '، ' : ', ';
  ctx.out(`${ctx.text('siteStays')}: ${stays.map((each) => stayTexts[each][ctx.language]).join(between)}`);
}

async function follow(ctx: CommandContext, panel: PanelApi, jobId: string, say: (line: string) => void): Promise<Job> {
  const tell = progressOf(say, ctx.text('siteMakingSite'));
  for (;;) {
    const job = await panel.call(jobsApi.get, { params: { jobId } });
    if (['succeeded', 'failed', 'cancelled'].includes(job.state)) return job;
    tell(job.progress);
    await wait(pollMs);
  }
}

function failureText(ctx: CommandContext, { failure }: Job): string {
  const message = ctx.text('siteNotImported');
  if (failure === null) return message;
  const { code, reason, params } = failure;
  return refusalText(ctx, { code, reason: reason ?? undefined, message, params, fields: [] });
}
