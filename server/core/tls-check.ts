import type { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { coversName, keyKindOf } from '#shared/certificate-pair.ts';
import { tlsVersions, type Revocation, type TlsFinding, type TlsReport } from '#shared/tls-check.ts';
import { revocationOf, type OcspReach } from './revocation.ts';

/** What is asked: a name or an IP address, and where it is met unless the name itself says so. */
export type TlsTarget = { readonly host: string; readonly port: number; readonly address?: string };

type Version = (typeof tlsVersions)[number];
type Met = {
  readonly certificate: X509Certificate;
  readonly issuer: X509Certificate | undefined;
  readonly chainLength: number;
  readonly distrust: string | null;
};

const day = 86_400_000;
const soonDays = 7;
/** What browsers and their preload list take for a lasting promise. */
const lastingHstsSeconds = 180 * 86_400;

/**
 * Four handshakes at once, then one request and one question to the authority: ends after twice `patienceMs` at the latest.
 */
export async function checkTls(
  target: TlsTarget,
  now: number,
  patienceMs = 8_000,
  reach?: OcspReach,
): Promise<TlsReport> {
  const met = await Promise.all(tlsVersions.map((version) => greet(target, version, patienceMs)));
  const versions = tlsVersions.filter((_, index) => met[index] !== undefined);
  const best = met.findLast((each) => each !== undefined);
  const { host, port, address = null } = target;
  const common = { host, port, address, checkedAt: new Date(now).toISOString(), versions };
  if (best === undefined)
    return {
      ...common,
      certificate: null,
      distrust: null,
      hsts: null,
      revocation: null,
      grade: null,
      findings: ['unreachable'],
    };
  const { certificate, issuer, chainLength, distrust } = best;
  const [hsts, revocation] = await Promise.all([
    hstsOf(target, patienceMs),
    revocationOf({ leaf: certificate, chain: issuer === undefined ? [] : [issuer] }, now, patienceMs, reach),
  ]);
  const daysLeft = Math.floor((certificate.validToDate.getTime() - now) / day);
  const findings = [
    ...doubtsOf(best, { host, daysLeft, revocation }),
    ...(versions.some(isModern) ? [] : (['no_modern_version'] as const)),
    ...(versions.every(isModern) ? [] : (['old_versions'] as const)),
    ...(daysLeft >= 0 && daysLeft < soonDays ? (['ends_soon'] as const) : []),
    ...(versions.includes('TLSv1.3') ? [] : (['no_tls13'] as const)),
    ...(hsts === null ? (['no_hsts'] as const) : []),
    ...(revocation === 'unknown' ? (['revocation_unknown'] as const) : []),
  ];
  const names = (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return {
    ...common,
    certificate: {
      subject: certificate.subject.replaceAll('\n', ', '),
      issuer: certificate.issuer.replaceAll('\n', ', '),
      names: names.filter((name) => name !== ''),
      validUntil: certificate.validToDate.toISOString(),
      daysLeft,
      keyKind: keyKindOf(certificate),
      fingerprint: certificate.fingerprint256,
      chainLength,
    },
    distrust,
    hsts,
    revocation,
    grade: gradeOf(findings, hsts),
    findings,
  };
}

const isModern = (version: Version): boolean => version === 'TLSv1.2' || version === 'TLSv1.3';

type Known = { readonly host: string; readonly daysLeft: number; readonly revocation: Revocation | null };

function doubtsOf({ certificate, distrust }: Met, { host, daysLeft, revocation }: Known): TlsFinding[] {
  const doubts: TlsFinding[] = [];
  if (daysLeft < 0) doubts.push('expired');
  if (revocation === 'revoked') doubts.push('revoked');
  if (daysLeft >= 0 && distrust !== null) doubts.push(doubtOf(distrust));
  if (!coversName(certificate, host)) doubts.push('wrong_name');
  return doubts;
}

function doubtOf(distrust: string): TlsFinding {
  if (distrust === 'DEPTH_ZERO_SELF_SIGNED_CERT') return 'self_signed';
  return distrust === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' ? 'incomplete_chain' : 'untrusted';
}

/** By the worst that is found: what visitors cannot pass is F; A+ is for those that promise to stay with HTTPS. */
function gradeOf(findings: readonly TlsFinding[], hsts: string | null): NonNullable<TlsReport['grade']> {
  const has = (...some: TlsFinding[]): boolean => some.some((each) => findings.includes(each));
  if (has('expired', 'revoked', 'self_signed', 'untrusted', 'incomplete_chain', 'wrong_name', 'no_modern_version'))
    return 'F';
  if (has('old_versions')) return 'C';
  if (has('ends_soon', 'no_tls13')) return 'B';
  return Number(/max-age="?(\d+)/i.exec(hsts ?? '')?.[1] ?? 0) >= lastingHstsSeconds ? 'A+' : 'A';
}

function placeOf({ host, port, address = host }: TlsTarget): ConnectionOptions & { host: string; port: number } {
  return { host: address, port, rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) };
}

/** One handshake with exactly this version; undefined when it is refused. */
async function greet(target: TlsTarget, version: Version, patienceMs: number): Promise<Met | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({
      ...placeOf(target),
      minVersion: version,
      maxVersion: version,
      // What browsers refuse must be offered here to be seen.
      ciphers: 'DEFAULT:@SECLEVEL=0',
      // The name is looked at for itself: one doubt does not hide another.
      checkServerIdentity: () => undefined,
    });
    const end = (met?: Met): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(met);
    };
    // Over all of it: somebody who sends a byte now and then keeps nobody here.
    const timer = setTimeout(end, patienceMs);
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined) return end();
      let chainLength = 1;
      for (let each = socket.getPeerCertificate(true); ; each = each.issuerCertificate, chainLength++)
        if (each.issuerCertificate === undefined || each.issuerCertificate === each || chainLength > 10) break;
      const issuer = certificate.issuerCertificate;
      end({ certificate, issuer, chainLength, distrust: socket.authorized ? null : wordOf(socket.authorizationError) });
    });
    socket.once('error', () => end());
    socket.once('close', () => end());
  });
}

/** OpenSSL's name for it, such as `DEPTH_ZERO_SELF_SIGNED_CERT`. */
function wordOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!(error instanceof Error)) return 'untrusted';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

async function hstsOf(target: TlsTarget, patienceMs: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const { host, port } = target;
    const sent = request(
      {
        ...placeOf(target),
        path: '/',
        method: 'HEAD',
        agent: false,
        signal: AbortSignal.timeout(patienceMs),
        maxHeaderSize: 16 * 1024,
        headers: { host: `${isIP(host) === 6 ? `[${host}]` : host}${port === 443 ? '' : `:${port}`}` },
      },
      (response) => {
        // Of several, browsers take the first.
        resolve(response.headers['strict-transport-security']?.slice(0, 500) ?? null);
        response.destroy();
      },
    );
    sent.once('error', () => resolve(null));
    sent.end();
  });
}
