import type { ArchiveUpload } from '#shared/archives.ts';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { looksOf, type Pair } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { sealedFileEnd, siteFileEnd, type SiteExport } from '#shared/site-files.ts';
import { sitePhp } from '#shared/site-php.ts';
import { tlsSettings } from '#shared/site-tls.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import { fakePair } from './self-signed.ts';

type SiteFilesAction = Extract<keyof FakeActions, `site_files.${string}`>;
type Ref = { readonly siteId: string; readonly slug: string };
type Run = { readonly siteId: string; readonly fileName: string; readonly beganAt: number };
type Kept = { readonly actorId: string; upload: ArchiveUpload };

const content = Buffer.alloc(700_000, 'a site as one file. ');

let prepared: Pair | undefined;

/** The certificate that every sealed file has. */
export function pairOfFile(): Pair {
  prepared ??= fakePair(['shop.example.com', 'www.shop.example.com']);
  return prepared;
}

function certificateOf(fault: string | null): ActionResult<AgentActions['site_files.inspect']>['certificate'] {
  const { certificate: chain } = pairOfFile();
  const looks = looksOf(chain);
  if (looks === null) throw new Error('a certificate that was just made cannot be read');
  const { names, issuer, validUntil, fingerprint, isSelfSigned } = looks;
  const settings = tlsSettings.parse({ isForced: true });
  return { names, issuer, validUntil, fingerprint, isSelfSigned, isRenewed: false, chain, settings, fault };
}

/**
 * The part of the fake agent that makes files of sites and reads them: no byte of a site is in them, and every file that is
 * sent holds the same PHP site. File names with a meaning: `changed…` (the signature does not hold), `other…` (made on
 * another panel), `none…` (no file of a site), `sealed…` (opened by a passphrase that does not begin with `wrong`; it has
 * secrets and a certificate, which has expired in `sealed-expired…`).
 */
export function createFakeSiteFiles({
  runMs,
  now,
  specs,
  databases,
  requireTicket,
}: {
  readonly runMs: number;
  readonly now: () => number;
  readonly specs: () => readonly SiteSpec[];
  readonly databases: () => readonly { readonly databaseId: string; readonly siteId: string | null }[];
  readonly requireTicket: (call: FakeCall) => void;
}): Pick<FakeActions, SiteFilesAction> {
  const uploads = new Map<string, Kept>();
  const runs = new Map<string, Run>();
  const unlocked = new Set<string>();

  function checkSite({ siteId, slug }: Ref): SiteSpec {
    const spec = specs().find((each) => each.siteId === siteId && each.slug === slug);
    if (spec === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
    return spec;
  }

  function seen(id: string, { fileName, beganAt }: Run): SiteExport {
    const share = Math.min(1, (now() - beganAt) / Math.max(1, runMs));
    const common = { id, fileName, failure: null, startedAt: new Date(beganAt).toISOString() };
    if (share < 1)
      return {
        ...common,
        state: 'running',
        progress: Math.floor(share * 100),
        sizeBytes: null,
        files: null,
        keptUntil: null,
      };
    const keptUntil = new Date(beganAt + runMs + 86_400_000).toISOString();
    return { ...common, state: 'ready', progress: 100, sizeBytes: content.length, files: 212, keptUntil };
  }

  function getUpload(uploadId: string, actorId: string): Kept {
    const kept = uploads.get(uploadId);
    if (kept === undefined || kept.actorId !== actorId)
      throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
    return kept;
  }

  return {
    async 'site_files.export'({ site, exportId, databaseIds, passphrase, withSecrets, withCertificate }, call) {
      const { siteId, deploy, tls } = checkSite(site);
      const present = runs.get(exportId);
      if (present !== undefined) return seen(exportId, present);
      if (deploy !== null)
        throw new AppError('in_use', 'The files of this site come from a repository.', {
          reason: 'site_export_deployed',
        });
      if (withSecrets || withCertificate) requireTicket(call);
      if (withCertificate && tls === null)
        throw new AppError('in_use', 'The certificate of the site cannot go into a file.', {
          reason: 'site_export_certificate',
          params: { why: 'no_certificate' },
        });
      for (const each of databaseIds)
        if (!databases().some(({ databaseId, siteId: owner }) => databaseId === each && owner === siteId))
          throw new AppError('not_found', 'There is no such database.', { reason: 'database_unknown' });
      for (const [id, run] of runs)
        if (run.siteId === siteId && seen(id, run).state === 'running')
          throw new AppError('busy', 'A file of this site is being made.', { reason: 'site_export_under_way' });
      const run = {
        siteId,
        fileName: `${site.slug}-${new Date(now()).toISOString().slice(0, 10)}${passphrase === null ? siteFileEnd : sealedFileEnd}`,
        beganAt: now(),
      };
      runs.set(exportId, run);
      return seen(exportId, run);
    },
    async 'site_files.exports'({ site }) {
      const { siteId } = checkSite(site);
      const mine = [...runs].filter(([, run]) => run.siteId === siteId);
      return { items: mine.map(([id, run]) => seen(id, run)).toReversed() };
    },
    async 'site_files.follow'({ site, exportId, offset }) {
      checkSite(site);
      const run = runs.get(exportId);
      if (run === undefined) return { export: null, isInterrupted: false, text: '', nextOffset: offset };
      const text = '212 files, 18874368 bytes.\n';
      return { export: seen(exportId, run), isInterrupted: false, text: text.slice(offset), nextOffset: text.length };
    },
    async 'site_files.drop'({ site, exportId }) {
      checkSite(site);
      runs.delete(exportId);
      return {};
    },
    async 'site_files.read'({ site, exportId, offset }) {
      checkSite(site);
      const run = runs.get(exportId);
      if (run === undefined || run.siteId !== site.siteId || seen(exportId, run).state !== 'ready')
        throw new AppError('not_found', 'The file is gone.', { reason: 'site_export_gone' });
      const data = content.subarray(offset, offset + 512 * 1024).toString('base64');
      return { fileName: run.fileName, sizeBytes: content.length, data };
    },
    async 'site_files.begin'({ uploadId, fileName, sizeBytes }, { actor }) {
      const present = uploads.get(uploadId);
      if (present !== undefined) return present.upload;
      const startedAt = new Date(now()).toISOString();
      const upload = { id: uploadId, fileName, sizeBytes, receivedBytes: 0, startedAt };
      uploads.set(uploadId, { actorId: actor.id, upload });
      return upload;
    },
    async 'site_files.write'({ uploadId, offset, data }, { actor }) {
      const kept = getUpload(uploadId, actor.id);
      const { receivedBytes, sizeBytes } = kept.upload;
      if (offset > receivedBytes)
        throw new AppError('in_use', 'The piece before this one is missing.', {
          reason: 'archive_piece_gap',
          params: { receivedBytes },
        });
      const end = offset + Buffer.from(data, 'base64').length;
      if (end > sizeBytes)
        throw new AppError('too_large', 'The archive is longer than announced.', { reason: 'archive_longer' });
      kept.upload = { ...kept.upload, receivedBytes: Math.max(receivedBytes, end) };
      return kept.upload;
    },
    async 'site_files.discard'({ uploadId }, { actor }) {
      getUpload(uploadId, actor.id);
      uploads.delete(uploadId);
      return {};
    },
    async 'site_files.unlock'({ uploadId, passphrase }, { actor }) {
      getUpload(uploadId, actor.id);
      if (passphrase.startsWith('wrong'))
        throw new AppError('not_allowed', 'It does not open the file.', { reason: 'site_file_passphrase' });
      unlocked.add(uploadId);
      return {};
    },
    async 'site_files.inspect'({ uploadId }, { actor }) {
      const { fileName, receivedBytes, sizeBytes } = getUpload(uploadId, actor.id).upload;
      if (receivedBytes < sizeBytes)
        throw new AppError('in_use', 'The archive was not sent to its end.', {
          reason: 'archive_not_whole',
          params: { receivedBytes, sizeBytes },
        });
      const isSealed = fileName.startsWith('sealed');
      if (isSealed && !unlocked.has(uploadId))
        throw new AppError('not_allowed', 'It is opened by a passphrase.', { reason: 'site_file_locked' });
      if (fileName.startsWith('changed'))
        throw new AppError('invalid_request', 'The file was changed after it was made.', {
          reason: 'site_file_changed',
        });
      if (fileName.startsWith('none'))
        throw new AppError('invalid_request', 'This is not the file of a site.', { reason: 'site_file_unknown' });
      return {
        origin: fileName.startsWith('other') ? 'other' : 'own',
        createdAt: '2026-03-01T10:00:00.000Z',
        panelVersion: '0.1.0',
        files: 212,
        bytes: 18_874_368,
        secrets: isSealed ? 2 : 0,
        certificate: isSealed ? certificateOf(fileName.startsWith('sealed-expired') ? 'expired' : null) : null,
        isSealed,
        databases: [
          {
            engine: 'mariadb',
            name: 'shop',
            user: 'shop',
            charset: 'utf8mb4',
            collation: 'utf8mb4_unicode_ci',
            bytes: 734_003,
          },
        ],
        site: {
          ...defaultSettings,
          slug: 'shop.example.com',
          name: 'shop.example.com',
          remark: '',
          category: '',
          kind: 'php',
          domains: [
            { host: 'shop.example.com', port: 80 },
            { host: 'www.shop.example.com', port: 80 },
          ],
          isEnabled: true,
          root: '/www/wwwroot/shop.example.com/public',
          upstream: null,
          customDirectives: 'add_header X-Shop 1;',
          php: sitePhp.parse({ version: '8.1' }),
        },
      };
    },
  };
}
