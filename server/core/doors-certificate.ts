import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { tls } from '#shared/lazy-node.ts';
import { checkChain, coversName, looksOf, type Pair } from '#shared/certificate-pair.ts';
import type { DoorsState } from '#shared/doors.ts';
import { AppError } from '#shared/errors.ts';
import type { Config } from '../config.ts';

export type CertificateFacts = NonNullable<DoorsState['certificate']>;

export type { Pair } from '#shared/certificate-pair.ts';

/**
 * Checks chain and key as a whole, before anything changes. Throws `invalid_request` (`certificate_invalid`) whose `why`
 * says what is wrong; never quotes what was given.
 */
export function checkPair(pair: Pair, { names, now }: { names: readonly string[]; now: number }): void {
  const [leaf] = checkChain(pair, { now, owner: 'panel' });
  if (leaf === undefined || names.some((name) => coversName(leaf, name))) return;
  throw new AppError('invalid_request', 'The certificate cannot be used.', {
    reason: 'certificate_invalid',
    params: { why: 'not_for_this_name' },
  });
}

/** What a browser would show of the first certificate; null when it cannot be read. */
export function factsOf(pem: string): CertificateFacts | null {
  return looksOf(pem);
}

/** With so little left, and no renewal, the panel goes back to the certificate of its settings. */
export const fallbackMs = 48 * 60 * 60 * 1000;

/** Why the certificate that was given is not shown: its end is near, or its files cannot be used. */
export type FallbackReason = 'ending' | 'broken';

/** The pair that is to be shown, when the one that was given cannot be, or ends and the other one ends later. */
export function fallbackOf(
  given: Pair | null,
  own: Pair | null,
  now: number,
): { readonly pair: Pair; readonly why: FallbackReason } | null {
  const ownEnd = own === null ? 0 : endOf(own);
  if (own === null || ownEnd <= now) return null;
  if (given === null) return { pair: own, why: 'broken' };
  const end = endOf(given);
  return isEnding(end, now) && ownEnd > end ? { pair: own, why: 'ending' } : null;
}

/** `end`: epoch ms. */
export function isEnding(end: number, now: number): boolean {
  return end - now < fallbackMs;
}

/** Epoch ms; 0 when it cannot be read. */
export function endOf({ certificate }: Pick<Pair, 'certificate'>): number {
  return Date.parse(factsOf(certificate)?.validUntil ?? '') || 0;
}

/** What can be served; null: its files are gone, or are no pair. */
export async function readUsable(config: Pick<Config, 'dataDir' | 'tls'>, certificateId: string): Promise<Pair | null> {
  try {
    const pair = await readPair(config, certificateId);
    if (pair !== null) secureContextOf(pair);
    return pair;
  } catch {
    return null;
  }
}

/** Where the certificates that came through the panel lie, each in a folder of its own. */
function folderOf({ dataDir }: Pick<Config, 'dataDir'>, certificateId = ''): string {
  return join(dataDir, 'tls', certificateId);
}

/** Written with mode 0600 and on the disk before anything names it. */
export async function storePair(config: Pick<Config, 'dataDir'>, certificateId: string, pair: Pair): Promise<void> {
  const folder = folderOf(config, certificateId);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of [
    ['cert.pem', pair.certificate],
    ['key.pem', pair.key],
  ] as const) {
    const file = await open(join(folder, name), 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Certificates that nothing names any more. */
export async function removeOtherPairs(
  config: Pick<Config, 'dataDir'>,
  kept: readonly (string | null)[],
): Promise<void> {
  const found = await readdir(folderOf(config)).catch(() => []);
  for (const name of found) {
    if (!kept.includes(name)) await rm(folderOf(config, name), { recursive: true, force: true });
  }
}

export function certificatePaths(
  config: Pick<Config, 'dataDir'>,
  certificateId: string,
): { readonly certPath: string; readonly keyPath: string } {
  const folder = folderOf(config, certificateId);
  return { certPath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') };
}

/** The pair that is served; null: plain HTTP. Throws when a file cannot be read. */
export async function readPair(
  config: Pick<Config, 'dataDir' | 'tls'>,
  certificateId: string | null,
): Promise<Pair | null> {
  const paths = certificateId === null ? config.tls : certificatePaths(config, certificateId);
  if (paths === null) return null;
  const [certificate, key] = await Promise.all([readFile(paths.certPath, 'utf8'), readFile(paths.keyPath, 'utf8')]);
  return { certificate, key };
}

export function secureContextOf({ certificate, key }: Pair): SecureContext {
  return tls().createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' });
}
