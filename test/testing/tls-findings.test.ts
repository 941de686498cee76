import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unexplained } from './tls-findings.ts';

/*
 * The judge of what testssl.sh finds, with what it found once at the two sites of the machine test (test/vps/tls-steps.ts).
 */

type Finding = { readonly id: string; readonly severity: string; readonly finding: string };
type Profile = 'intermediate' | 'modern';

const recorded = (profile: Profile): Finding[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, `testdata/testssl-${profile}.json`), 'utf8')) as Finding[];
const judge = (profile: Profile, findings: readonly Finding[]): string[] =>
  unexplained(JSON.stringify(findings), profile);
const profiles: readonly Profile[] = ['intermediate', 'modern'];

it.each(profiles)('T-13 nothing of the recorded run of %s is left over', (profile) => {
  expect(judge(profile, recorded(profile))).toEqual([]);
});

it.each(profiles)(
  'T-13 a weak setting that is planted at %s is found, and no explanation of another covers it',
  (profile) => {
    const weak: [string, string, string][] = [
      ['TLS1', 'LOW', 'offered (deprecated)'],
      ['SSLv3', 'CRITICAL', 'offered'],
      ['cipherlist_3DES_IDEA', 'MEDIUM', 'offered'],
      ['secure_client_renego', 'MEDIUM', 'VULNERABLE, DoS threat'],
      ['cert_trust', 'HIGH', 'certificate does not match supplied URI'],
      ['cert_revocation', 'HIGH', 'revoked'],
      ['secure_renego', 'CRITICAL', 'VULNERABLE'],
      ['security_headers', 'MEDIUM', '--'],
    ];
    for (const [id, severity, finding] of weak) {
      const left = judge(profile, [...recorded(profile), { id, severity, finding }]);
      expect(left).toEqual([`${severity} ${id}: ${finding}`]);
    }
  },
);

it('T-13 what the profile intermediate explains is not explained at a modern site', () => {
  const order = { id: 'cipher_order', severity: 'HIGH', finding: 'NOT a cipher order configured' };
  expect(judge('intermediate', [...recorded('intermediate'), order])).toEqual([]);
  expect(judge('modern', [...recorded('modern'), order])).toEqual(['HIGH cipher_order: NOT a cipher order configured']);
});

it('T-13 a run that did not come to its end, or looked at too little, is no good one', () => {
  const all = recorded('intermediate');
  for (const missing of ['heartbleed', 'cipherlist_NULL', 'HSTS', 'cert_trust'])
    expect(() =>
      judge(
        'intermediate',
        all.filter(({ id }) => !id.startsWith(missing)),
      ),
    ).toThrow(missing);
  expect(() => judge('intermediate', [])).toThrow();
});
