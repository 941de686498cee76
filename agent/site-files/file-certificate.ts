import type { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { arrangePair, looksOf, type CertificateLooks, type Pair } from '#shared/certificate-pair.ts';
import { certificateProof, contactEmail, keyKinds, pemChain, pemKey } from '#shared/certificates.ts';
import { AppError } from '#shared/errors.ts';
import { hostPattern } from '#shared/site-domains.ts';
import { provableHosts, tlsSettings, type SiteTls } from '#shared/site-tls.ts';
import { findAccount } from '../certificates/dns/accounts.ts';
import { isOfPanel } from '../certificates/of-panel.ts';
import { putPair } from '../certificates/put-pair.ts';
import { findStored, getStored, placeOf, readKey, sitesWith, type CertificateRecord } from '../certificates/shelf.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { newId } from '../backups/keys.ts';
import type { Call } from '../core/call.ts';
import { look, removeOwnFolder } from '../core/files.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import { dataPath } from '../site-archives/uploads.ts';
import { siteFilesOwner } from './incoming.ts';
import { readPackedCertificate, type SiteFileLook } from './site-file.ts';

/*
 * The certificate of a site in its file: chain and key as nginx reads them, how the site was served with them, and how it was
 * ordered. It comes onto the shelf when the site is made of the file, by the checks of one that somebody brings; until then
 * it lies in the sealed file alone. Not before: what was never made a site of leaves nothing.
 */

type Where = Pick<Machine, 'stateFolder'>;

const packed = z.strictObject({
  certificate: pemChain,
  key: pemKey,
  settings: tlsSettings,
  /** How it was ordered; null: somebody brought it, or another tool keeps it. */
  acme: z
    .strictObject({
      hosts: z.array(z.string().regex(hostPattern)).min(1).max(100),
      keyKind: z.enum(keyKinds),
      email: contactEmail,
      proof: certificateProof,
    })
    .nullable(),
});
type Packed = z.infer<typeof packed>;

/** HTTPS of a site whose certificate could be brought in again. Throws `site_export_certificate`. */
export function usableForFile(where: Where, tls: SiteTls | undefined): NonNullable<SiteTls> {
  const stored = tls == null ? undefined : findStored(where, tls.certificateId);
  if (tls == null || stored === undefined) throw notForFile('no_certificate');
  if (stored.record.revoked !== null || stored.isFoundRevoked) throw notForFile('revoked');
  const { fault } = arranged({ certificate: stored.chain, key: readKey(where, stored) });
  if (fault !== null) throw notForFile(fault);
  return tls;
}

function notForFile(why: string): AppError {
  return new AppError('in_use', 'The certificate of the site cannot go into a file.', {
    reason: 'site_export_certificate',
    params: { why },
  });
}

/** The bytes of `certificate.json`; throws as `usableForFile`. They go into a sealed file and nowhere else. */
export function packCertificate(where: Where, tls: NonNullable<SiteTls>): Buffer {
  const { certificateId, ...settings } = usableForFile(where, tls);
  const stored = getStored(where, certificateId);
  const { acme } = stored.record;
  const content: Packed = {
    certificate: stored.chain,
    key: readKey(where, stored),
    settings,
    acme: acme === null ? null : { hosts: acme.hosts, keyKind: acme.keyKind, email: acme.email, proof: acme.proof },
  };
  return Buffer.from(JSON.stringify(packed.parse(content)));
}

type Arranged =
  | { readonly fault: null; readonly pair: Pair; readonly leaf: X509Certificate; readonly looks: CertificateLooks }
  | { readonly fault: string };

/** As of one that somebody brings; `fault` is the `why` of its refusal. */
function arranged(given: Pair): Arranged {
  try {
    const { pair, leaf } = arrangePair(given, Date.now());
    const looks = looksOf(pair.certificate);
    return looks === null ? { fault: 'not_readable' } : { fault: null, pair, leaf, looks };
  } catch (error) {
    const why = error instanceof AppError ? error.params['why'] : undefined;
    if (typeof why === 'string') return { fault: why };
    throw error;
  }
}

async function readFileOf(
  where: Where,
  uploadId: string,
): Promise<{ seen: SiteFileLook; content: Packed | undefined }> {
  const path = dataPath(where, siteFilesOwner, uploadId);
  const { seen, text } = await readPackedCertificate(path, backupsFolder(where.stateFolder));
  if (text === undefined) return { seen, content: undefined };
  try {
    return { seen, content: packed.parse(JSON.parse(text)) };
  } catch (cause) {
    throw new AppError('invalid_request', 'The file is damaged.', { reason: 'site_file_damaged', cause });
  }
}

/** The manifest of a sent file, and its certificate as the dry run shows it: everything but the key. */
export async function inspectWithCertificate(
  where: Where,
  uploadId: string,
): Promise<{
  readonly seen: SiteFileLook;
  readonly certificate: ActionResult<AgentActions['site_files.inspect']>['certificate'];
}> {
  const { seen, content } = await readFileOf(where, uploadId);
  if (content === undefined) return { seen, certificate: null };
  const found = arranged(content);
  // One that cannot be used is named all the same, as far as it can be read.
  const looks = found.fault === null ? found.looks : looksOf(content.certificate);
  const certificate = {
    names: looks?.names ?? [],
    issuer: looks?.issuer ?? '',
    validUntil: looks?.validUntil ?? null,
    fingerprint: looks?.fingerprint ?? '',
    isSelfSigned: looks?.isSelfSigned ?? false,
    isRenewed: canRenew(where, content),
    chain: found.fault === null ? found.pair.certificate : '',
    settings: content.settings,
    fault: found.fault,
  };
  return { seen, certificate };
}

/** Proven again without anybody: over port 80, or by an account that this machine has too. */
function canRenew(where: Where, { acme }: Pick<Packed, 'acme'>): boolean {
  if (acme === null || acme.proof.kind === 'manual') return false;
  return acme.proof.kind === 'http' || findAccount(where, acme.proof.accountId) !== undefined;
}

/** What of the record of a copy matters here. */
export type BringingCertificate = {
  readonly copyId: string;
  readonly actor: { readonly id: string };
  readonly uploadId?: string;
  readonly certificateId?: string | null;
  readonly spec: SiteSpec;
};

/**
 * Before a copy begins: whoever asks may, the id is free and the one that the site will be served with, and the certificate
 * can be used. Answers how it looks.
 */
export async function checkWanted(
  machine: Where,
  {
    uploadId,
    certificateId,
    spec,
  }: Required<Pick<BringingCertificate, 'uploadId' | 'spec'>> & { certificateId: string },
  { may }: Pick<Call, 'may'>,
): Promise<CertificateLooks> {
  if (!may('certificates.write'))
    throw new AppError('not_allowed', 'Certificates are not for this person.', {
      params: { permission: 'certificates.write' },
    });
  if (spec.tls?.certificateId !== certificateId)
    throw new AppError('invalid_request', 'The site is not served with this certificate.', {
      fields: [{ field: 'tls.certificateId', code: 'certificate_unknown' }],
    });
  if (look(placeOf(machine, certificateId).folder).type !== 'missing')
    throw new AppError('already_exists', 'There is a certificate with this id.', { reason: 'certificate_exists' });
  return (await usable(machine, uploadId)).looks;
}

async function usable(
  where: Where,
  uploadId: string,
): Promise<Extract<Arranged, { fault: null }> & { readonly content: Packed }> {
  const { content } = await readFileOf(where, uploadId);
  const found = content === undefined ? { fault: 'no_certificate' } : arranged(content);
  if (content !== undefined && found.fault === null) return { ...found, content };
  throw new AppError('invalid_request', 'The certificate cannot be used.', {
    reason: 'site_certificate_invalid',
    params: { why: found.fault ?? 'no_certificate' },
  });
}

/** Onto the shelf, with nginx's lock held and the site about to be made. Asked again it finds what it has put there. */
export async function bringCertificate(
  machine: Machine,
  { certificateId, uploadId, actor, spec }: BringingCertificate,
  deadlineAt: number,
): Promise<void> {
  if (certificateId == null || uploadId === undefined || findStored(machine, certificateId) !== undefined) return;
  const { pair, leaf, looks, content } = await usable(machine, uploadId);
  const now = Date.now();
  const acme = orderOf(machine, content, spec);
  const record: Omit<CertificateRecord, 'hasKnownRoot'> = {
    name: (looks.names[0] ?? '').slice(0, 100),
    source: acme === null ? 'own' : 'acme',
    addedAt: now,
    changedAt: now,
    acme,
    files: null,
    revoked: null,
  };
  const change = { certificateId, changeId: newId(), action: 'copies.settle', actor: actor.id, deadlineAt };
  await putPair(machine, { ...change, record, pair, leaf });
}

/** It is renewed for the names that the new site can prove; null: by nobody. */
function orderOf(machine: Machine, { acme }: Packed, spec: SiteSpec): CertificateRecord['acme'] {
  if (acme === null) return null;
  if (acme.proof.kind === 'dns' && findAccount(machine, acme.proof.accountId) === undefined) return null;
  const own = new Set(provableHosts(spec.domains, acme.proof.kind, webPortsOf(machine)));
  const hosts = acme.hosts.filter((host) => own.has(host));
  return hosts.length === 0 ? null : { ...acme, hosts, siteId: spec.siteId };
}

/** The site was not made: what was put on the shelf for it goes, unless somebody has put it to use. */
export function takeCertificateBack(machine: Machine, { certificateId }: BringingCertificate): void {
  if (certificateId == null) return;
  const isUsed = sitesWith(machine, certificateId).length > 0 || isOfPanel(machine, certificateId);
  const { folder } = placeOf(machine, certificateId);
  if (!isUsed && look(folder).type === 'folder') removeOwnFolder(folder);
}
