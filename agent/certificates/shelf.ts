import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { certificateProof, certificateSources, keyKinds } from '#shared/certificates.ts';
import { revocationReasons } from '#shared/certificate-revocation.ts';
import { idPattern } from '#shared/http.ts';
import type { SiteTls } from '#shared/site-tls.ts';
import { listNames, look, readText } from '../core/files.ts';
import { readSaid } from './revocation-state.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';

/*
 * The machine's shelf of certificates:
 *
 *   certificates/<id>/record.json               what people call it and where it came from
 *   certificates/<id>/versions/<version>/       chain.pem and key.pem, written once and never changed
 *   certificates/<id>/revocation.json           what its authority was last heard to say of it
 *   certificates/<id>/seen.json                 what was last seen of the files of another tool
 *   certificates/<id>/current                   link to the version that counts: chain and key change together
 *
 * Everything is root's alone (0700, 0600). nginx reads `current/chain.pem` and `current/key.pem` before it gives up root.
 */

export const certificateRecord = z.object({
  name: z.string(),
  source: z.enum(certificateSources),
  addedAt: z.number(),
  changedAt: z.number(),
  /** How it was ordered; null: somebody brought it. */
  acme: z
    .object({
      /** null: for the panel itself. */
      siteId: z.string().nullable(),
      hosts: z.array(z.string()),
      keyKind: z.enum(keyKinds),
      email: z.string(),
      proof: certificateProof.default({ kind: 'http' }),
    })
    .nullable()
    .default(null),
  /** Of the present version; a new one begins without. */
  revoked: z
    .object({ at: z.number(), reason: z.enum(revocationReasons) })
    .nullable()
    .default(null),
  /** Whether its chain leads to an authority that is known; null: put before that was looked at. */
  hasKnownRoot: z.boolean().nullable().default(null),
  /** Where another tool keeps it; null: the shelf has the only copy. */
  files: z.object({ certificate: z.string(), key: z.string() }).nullable().default(null),
});
export type CertificateRecord = z.infer<typeof certificateRecord>;

export type Stored = {
  readonly certificateId: string;
  readonly record: CertificateRecord;
  readonly version: string;
  readonly chain: string;
  readonly leaf: X509Certificate;
  /** Its authority was heard to say that it took it back. */
  readonly isFoundRevoked: boolean;
};

type Where = Pick<Machine, 'stateFolder'>;

/** As nginx reads it: the real path of the state folder. */
export function certificatesFolder({ stateFolder }: Where): string {
  return `${stateFolder}/certificates`;
}

export function placeOf(where: Where, certificateId: string) {
  if (!idPattern.test(certificateId)) throw new TypeError('no id of a certificate');
  const folder = `${certificatesFolder(where)}/${certificateId}`;
  return {
    folder,
    record: `${folder}/record.json`,
    current: `${folder}/current`,
    versions: `${folder}/versions`,
    version: (name: string) => `${folder}/versions/${name}`,
  };
}

const versionPattern = /^versions\/([a-z0-9-]{1,64})$/;

/** undefined: there is none with this id, or its files are not whole. */
export function findStored(where: Where, certificateId: string): Stored | undefined {
  if (!idPattern.test(certificateId)) return undefined;
  const place = placeOf(where, certificateId);
  const link = look(place.current);
  const version = link.type === 'link' ? versionPattern.exec(link.target)?.[1] : undefined;
  const recordText = readText(place.record);
  if (version === undefined || recordText === undefined) return undefined;
  const chain = readText(`${place.version(version)}/chain.pem`);
  if (chain === undefined || look(`${place.version(version)}/key.pem`).type !== 'file') return undefined;
  try {
    const record = certificateRecord.parse(JSON.parse(recordText));
    const leaf = new X509Certificate(chain);
    return { certificateId, record, version, chain, leaf, isFoundRevoked: isRevoked(where, certificateId, leaf) };
  } catch {
    logLine('error', 'a certificate cannot be read', { certificateId });
    return undefined;
  }
}

/** Whether there is one with this id, also when its files are not whole. */
export function isKnown(where: Where, certificateId: string): boolean {
  return look(placeOf(where, certificateId).record).type === 'file';
}

function isRevoked(where: Where, certificateId: string, { fingerprint256 }: X509Certificate): boolean {
  return readSaid(where, certificateId, fingerprint256)?.word === 'revoked';
}

/** Throws `not_found`. */
export function getStored(where: Where, certificateId: string): Stored {
  const stored = findStored(where, certificateId);
  if (stored !== undefined) return stored;
  throw new AppError('not_found', 'There is no such certificate.', { reason: 'certificate_unknown' });
}

export function allStored(where: Where): Stored[] {
  return listNames(certificatesFolder(where)).flatMap((name) => findStored(where, name) ?? []);
}

export function readKey(where: Where, { certificateId, version }: Pick<Stored, 'certificateId' | 'version'>): string {
  return readText(`${placeOf(where, certificateId).version(version)}/key.pem`) ?? '';
}

/** Sites whose record names a certificate, switched off ones too. */
export function sitesWith(machine: Where, certificateId: string): SiteRecord[] {
  return [...allRecords(machine).values()].filter(({ settings }) => settings?.tls?.certificateId === certificateId);
}

/** What a site with these settings must be seen to serve; undefined without HTTPS. */
export function servedFingerprint(where: Where, tls: SiteTls): string | undefined {
  return tls === null ? undefined : findStored(where, tls.certificateId)?.leaf.fingerprint256;
}
