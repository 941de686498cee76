import { z } from 'zod';
import type { TlsProfile } from '#shared/site-tls.ts';

/*
 * What testssl.sh finds at a site, judged: whatever is LOW or worse, or could not be looked at, must be something that the
 * profile, or the authority of the test, explains.
 */

const finding = z.object({ id: z.string(), severity: z.string(), finding: z.string() });
export type TlsFinding = z.infer<typeof finding>;

const harmless: readonly string[] = ['OK', 'INFO', 'DEBUG'];

type Explained = { readonly id: RegExp; readonly finding: RegExp; readonly why: string };

/** Of every site of a test: nothing of it is said of the site. */
const ofTheTest: readonly Explained[] = [
  { id: /^engine_problem$/, finding: /GOST/, why: 'the OpenSSL of the tool has no GOST, which no site offers' },
  { id: /^cert_revocation$/, finding: /^Neither CRL nor OCSP/, why: 'the authority of the test names no place for it' },
  {
    id: /^sessionresumption_(?:ticket|ID)$/,
    finding: /^check failed because of connect problem$/,
    why: 'the tool gives up on a busy machine, and would only tell whether sessions are taken up again',
  },
  {
    id: /^BREACH$/,
    finding: /gzip HTTP compression detected/,
    why: 'nginx of Debian compresses pages, and a page without secrets loses none; each site has a switch for it',
  },
];

const ofProfiles: Readonly<Record<TlsProfile, readonly Explained[]>> = {
  intermediate: [
    {
      id: /^cipher_order$/,
      finding: /^NOT a cipher order configured$/,
      why: 'the guidelines leave the choice among strong suites to the browser, which knows what its processor does well',
    },
    {
      id: /^secure_renego$/,
      finding: /^OpenSSL handshake didn't succeed$/,
      why: 'asked without a name, which is refused; renegotiation by a client is a finding of its own',
    },
  ],
  modern: [],
};

/** One of each part of the run, the last of them at its end. */
const looked = ['TLS1_3', 'cipherlist_NULL', 'PFS', 'cert_trust', 'HSTS', 'heartbleed', 'RC4'];

/** Findings that nothing explains; throws when the tool did not come to its end, since what was not looked at is not good. */
export function unexplained(json: string, profile: TlsProfile): string[] {
  const found = z.array(finding).parse(JSON.parse(json));
  const missing = looked.find((wanted) => !found.some(({ id }) => id.startsWith(wanted)));
  if (missing !== undefined) throw new Error(`testssl.sh has not looked at ${missing}`);
  const reasons = [...ofTheTest, ...ofProfiles[profile]];
  return found
    .filter(({ severity }) => !harmless.includes(severity))
    .filter((each) => !reasons.some(({ id, finding }) => id.test(each.id) && finding.test(each.finding)))
    .map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`);
}
