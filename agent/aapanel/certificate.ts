import type { X509Certificate } from 'node:crypto';
import { arrangePair, type Pair } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import { errnoOf, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { cleanPath, type Vhost } from './vhost.ts';

/*
 * Certificates of sites of the old panel, which lie as files below its own folder: checked like one that somebody brings.
 */

/** Folders of aaPanel itself, in which it keeps what its sites are served with. */
const place = /^\/www\/server\/panel\/vhost\/(?:cert|ssl)\/[^/]+\/[^/]+\.(?:pem|crt|cer|key)$/;
const limits = { chain: 64 * 1024, key: 32 * 1024 } as const;

export type OldCertificate = { readonly pair: Pair; readonly leaf: X509Certificate };

/**
 * What the site was served with; undefined: with none, or with one that lies elsewhere. Throws `site_certificate_invalid` when
 * it cannot be used here.
 */
export function readOldCertificate(
  { prefix }: Pick<Machine, 'prefix'>,
  base: string,
  { certificate }: Pick<Vhost, 'certificate'>,
): OldCertificate | undefined {
  if (certificate === null) return undefined;
  const read = (path: string, maxBytes: number): string | undefined => {
    const clean = cleanPath(path);
    if (clean === null || !place.test(clean)) return undefined;
    try {
      return readText(`${prefix}${base}${clean}`, maxBytes);
    } catch (error) {
      // Too long, a link, or no file: none that this panel would take.
      if (error instanceof AppError || ['ELOOP', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(errnoOf(error)))
        return undefined;
      throw error;
    }
  };
  const chain = read(certificate.chain, limits.chain);
  const key = read(certificate.key, limits.key);
  return chain === undefined || key === undefined ? undefined : arrangePair({ certificate: chain, key }, Date.now());
}
