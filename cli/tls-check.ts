import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type SecureVersion } from 'node:tls';
import { request } from 'node:https';
import { keyKindOf } from '#shared/certificate-pair.ts';

/** What stands at an address, as a visitor's program meets it. */
export type TlsReport = {
  readonly host: string;
  readonly port: number;
  /** Versions that are agreed on. */
  readonly versions: string[];
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    readonly names: string[];
    readonly validUntil: string;
    readonly daysLeft: number;
    readonly keyKind: string;
    readonly chainLength: number;
  } | null;
  /** OpenSSL's word for why the chain or the name is not trusted; null: trusted. */
  readonly distrust: string | null;
  readonly hsts: string | null;
  /** Words for what is wrong; empty: all is well. */
  readonly findings: (
    | 'unreachable'
    | 'untrusted'
    | 'expired'
    | 'ends_soon'
    | 'old_versions'
    | 'no_modern_version'
    | 'no_hsts'
  )[];
};

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[];
const patienceMs = 8_000;
const day = 86_400_000;
/** Findings that a check fails for; the others are advice. */
export const failing: readonly TlsReport['findings'][number][] = [
  'unreachable',
  'untrusted',
  'expired',
  'ends_soon',
  'old_versions',
  'no_modern_version',
];
const soonDays = 7;

export async function checkTls(host: string, port: number, now: number): Promise<TlsReport> {
  const met = await Promise.all(versions.map((version) => greet(host, port, version)));
  const agreed = versions.filter((_, index) => met[index] !== undefined);
  const best = met.findLast((each) => each !== undefined);
  if (best === undefined)
    return { host, port, versions: [], certificate: null, distrust: null, hsts: null, findings: ['unreachable'] };
  const { certificate, chainLength, distrust } = best;
  const daysLeft = Math.floor((certificate.validToDate.getTime() - now) / day);
  const hsts = await hstsOf(host, port);
  const findings: TlsReport['findings'] = [];
  if (daysLeft < 0) findings.push('expired');
  else if (daysLeft < soonDays) findings.push('ends_soon');
  if (distrust !== null && daysLeft >= 0) findings.push('untrusted');
  if (agreed.some((version) => version === 'TLSv1' || version === 'TLSv1.1')) findings.push('old_versions');
  if (!agreed.some((version) => version === 'TLSv1.2' || version === 'TLSv1.3')) findings.push('no_modern_version');
  if (hsts === null) findings.push('no_hsts');
  const names = (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return {
    host,
    port,
    versions: agreed,
    certificate: {
      subject: certificate.subject.replaceAll('\n', ', '),
      issuer: certificate.issuer.replaceAll('\n', ', '),
      names: names.filter((name) => name !== ''),
      validUntil: certificate.validToDate.toISOString(),
      daysLeft,
      keyKind: keyKindOf(certificate),
      chainLength,
    },
    distrust,
    hsts,
    findings,
  };
}

/** One handshake with exactly this version; undefined when it is refused. */
async function greet(host: string, port: number, version: SecureVersion) {
  const options: ConnectionOptions = {
    host,
    port,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
    timeout: patienceMs,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // What browsers refuse must be offered here to be seen.
    ciphers: 'DEFAULT:@SECLEVEL=0',
  };
  return await new Promise<
    | {
        certificate: NonNullable<ReturnType<ReturnType<typeof connect>['getPeerX509Certificate']>>;
        chainLength: number;
        distrust: string | null;
      }
    | undefined
  >((resolve) => {
    const socket = connect(options);
    const end = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined) return end();
      let chainLength = 1;
      for (let each = socket.getPeerCertificate(true); ; each = each.issuerCertificate, chainLength++)
        if (each.issuerCertificate === undefined || each.issuerCertificate === each || chainLength > 10) break;
      const distrust = socket.authorized ? null : wordOf(socket.authorizationError);
      socket.destroy();
      resolve({ certificate, chainLength, distrust });
    });
    socket.once('timeout', end).once('error', end);
  });
}

/** OpenSSL's name for it, such as `DEPTH_ZERO_SELF_SIGNED_CERT`. */
function wordOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!(error instanceof Error)) return 'untrusted';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

async function hstsOf(host: string, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const at = { host, port, path: '/', method: 'HEAD', agent: false, timeout: patienceMs, rejectUnauthorized: false };
    const sent = request({ ...at, ...(isIP(host) === 0 ? { servername: host } : {}) }, (response) => {
      resolve(response.resume().headers['strict-transport-security'] ?? null);
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve(null));
    sent.end();
  });
}
