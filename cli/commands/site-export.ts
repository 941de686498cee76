import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { databasesApi } from '#shared/databases.ts';
import { shortestPassphrase, siteFilesApi, type SiteExport } from '#shared/site-files.ts';
import { formatDomain, sitesApi, type Site } from '#shared/sites.ts';
import { newRunId } from '../backup-follow.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { openPanel, Refused, type PanelApi } from '../panel-api.ts';
import { askNewPassphrase, checkInputs, givenPassphrase, readToken, secretOptions } from '../site-secrets.ts';
import { inSentences, progressOf, refusalText } from '../site-words.ts';
import { pathOf } from './backup-move.ts';

const pollMs = 500;
const resumes = 5;

/**
 * `site export SITE|DOMAIN --to FILE [--database NAME …] [--with-secrets] [--no-certificate] [--passphrase-file FILE|-]
 * [--ask-passphrase] [--token-file FILE|-] [--json]`: by the running panel, as the person whose token it is. With a passphrase
 * the file is sealed, and the certificate goes along when it is valid.
 */
export const siteExport: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    {
      to: 'string',
      database: 'strings',
      'with-secrets': 'boolean',
      'no-certificate': 'boolean',
      'ask-passphrase': 'boolean',
      json: 'boolean',
      ...secretOptions,
    },
    1,
  );
  const [word] = words;
  if (word === undefined || options.to === undefined) throw new UsageError('site export SITE --to FILE');
  checkInputs(options);
  const path = pathOf(ctx, options.to);
  const token = await readToken(ctx, options);
  const passphrase = givenPassphrase(ctx, options) ?? (options['ask-passphrase'] ? await askNewPassphrase(ctx) : null);
  if (passphrase !== null && (passphrase.length < shortestPassphrase || passphrase.length > 200))
    throw new CommandError(ctx.text('sitePassphraseShort', { least: shortestPassphrase }));
  const say = options.json === true ? ctx.err : ctx.out;
  // Before anything is made: a name that is taken would be found out last.
  const fd = createFile(ctx, path);
  try {
    const made = await inSentences(ctx, async () => {
      const panel = await openPanel(ctx, token);
      const site = await findSite(ctx, panel, word);
      const asked = {
        databaseIds: await databasesOf(ctx, panel, site.id, options.database ?? []),
        passphrase,
        withSecrets: options['with-secrets'] === true,
        withCertificate: passphrase !== null && site.tls !== null && options['no-certificate'] !== true,
      };
      const { id: exportId, withCertificate } = await start(ctx, panel, site.id, asked);
      const done = await follow(ctx, panel, { siteId: site.id, exportId }, say);
      await download(panel, { siteId: site.id, exportId }, done.sizeBytes ?? 0, fd, say, ctx.text('siteFetching'));
      fsyncSync(fd);
      await panel.call(siteFilesApi.drop, { params: { siteId: site.id, exportId } });
      return { site: site.slug, path, sizeBytes: done.sizeBytes, files: done.files, withCertificate };
    });
    if (options.json === true) ctx.out(JSON.stringify({ ...made, isSealed: passphrase !== null }, null, 2));
    else {
      ctx.out(ctx.text('siteExported', { path, bytes: made.sizeBytes ?? 0, files: made.files ?? 0 }));
      ctx.out(ctx.text(certificateWords(made.withCertificate, passphrase !== null)));
    }
    return exitCodes.success;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
};

function certificateWords(withCertificate: boolean, isSealed: boolean) {
  if (withCertificate) return 'siteWithCertificate';
  return isSealed ? 'siteWithoutCertificate' : 'siteUnsealed';
}

/** A new file that nobody else reads. */
function createFile(ctx: CommandContext, path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new CommandError(ctx.text(isThere ? 'siteFileThere' : 'siteFileUnwritten', { path }));
  }
}

/** By its short name, or by a domain. */
async function findSite(
  ctx: CommandContext,
  panel: PanelApi,
  word: string,
): Promise<Pick<Site, 'id' | 'slug' | 'tls'>> {
  const wanted = word.toLowerCase();
  const { items } = await panel.call(sitesApi.list, { query: { search: wanted, pageSize: 200 } });
  const isIt = ({ slug, domains }: (typeof items)[number]): boolean =>
    slug === wanted || domains.some((domain) => domain.host === wanted || formatDomain(domain) === wanted);
  const found = items.find(({ slug }) => slug === wanted) ?? items.find(isIt);
  if (found === undefined) throw new CommandError(ctx.text('siteUnknown', { site: word }));
  return await panel.call(sitesApi.get, { params: { siteId: found.id } });
}

async function databasesOf(
  ctx: CommandContext,
  panel: PanelApi,
  siteId: string,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const { items } = await panel.call(databasesApi.list, {});
  return names.map((name) => {
    const found = items.find((each) => each.name === name && each.site?.id === siteId)?.id;
    if (found == null) throw new CommandError(ctx.text('siteDatabaseUnknown', { name }));
    return found;
  });
}

type Asked = {
  readonly databaseIds: string[];
  readonly passphrase: string | null;
  readonly withSecrets: boolean;
  readonly withCertificate: boolean;
};

/** A certificate that is not valid stays, and is said; everything else is refused as it is. */
async function start(
  ctx: CommandContext,
  panel: PanelApi,
  siteId: string,
  body: Asked,
): Promise<{ id: string; withCertificate: boolean }> {
  const { withCertificate } = body;
  try {
    const { id } = await panel.call(siteFilesApi.start, { params: { siteId }, body, idempotencyKey: newRunId() });
    return { id, withCertificate };
  } catch (error) {
    if (!(error instanceof Refused) || error.reason !== 'site_export_certificate') throw error;
    ctx.err(refusalText(ctx, error));
    return await start(ctx, panel, siteId, { ...body, withCertificate: false });
  }
}

async function follow(
  ctx: CommandContext,
  panel: PanelApi,
  { siteId, exportId }: { readonly siteId: string; readonly exportId: string },
  say: (line: string) => void,
): Promise<SiteExport> {
  const show = progressOf(say, ctx.text('siteMaking'));
  for (;;) {
    const { items } = await panel.call(siteFilesApi.exports, { params: { siteId } });
    const found = items.find(({ id }) => id === exportId);
    if (found?.state === 'ready') return found;
    if (found?.state !== 'running') {
      const reason = found?.failure?.reason ?? 'site_export_failed';
      const failure = {
        code: 'in_use',
        reason,
        message: ctx.text('siteNotMade'),
        params: found?.failure?.params ?? {},
      };
      throw new CommandError(refusalText(ctx, { ...failure, fields: [] }));
    }
    show(found.progress);
    await wait(pollMs);
  }
}

/** Goes on where it broke off. */
async function download(
  panel: PanelApi,
  params: { readonly siteId: string; readonly exportId: string },
  sizeBytes: number,
  fd: number,
  say: (line: string) => void,
  words: string,
): Promise<void> {
  const show = progressOf(say, words);
  let offset = 0;
  for (let left = resumes; offset < sizeBytes; left -= 1) {
    try {
      for await (const piece of await panel.open(siteFilesApi.download, params, offset)) {
        const bytes = piece as Buffer;
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
        offset += bytes.length;
        show((offset / sizeBytes) * 100);
      }
    } catch (error) {
      if (left <= 0 || error instanceof Refused || error instanceof CommandError) throw error;
    }
    if (left <= 0) throw new Error('the download broke off');
  }
}
