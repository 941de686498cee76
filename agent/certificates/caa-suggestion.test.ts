import { expect, it } from 'vitest';
import { suggestCaa } from '#shared/caa-suggestion.ts';
import { checkCaa, type CaaRecord } from './caa.ts';

const account = 'https://acme.example/acct/1';
const authority = { identities: ['letsencrypt.org'], accounts: [account] };

/** As a name server would answer the suggested lines. */
function zoneOf(lines: readonly string[]): (name: string) => Promise<CaaRecord[]> {
  const records = lines.map((line) => {
    const [, name = '', tag = '', value = ''] = /^(\S+)\. CAA 0 (issue|issuewild) "([^"]*)"$/.exec(line) ?? [];
    return { name, record: { critical: 0, [tag]: value } as CaaRecord };
  });
  return (name) => Promise.resolve(records.flatMap((each) => (each.name === name ? [each.record] : [])));
}

it('T-11 the suggested CAA records name the authority and the account, once for all names below a name', () => {
  expect(suggestCaa(['shop.example', 'www.shop.example', 'other.test'], authority)).toEqual([
    `shop.example. CAA 0 issue "letsencrypt.org; accounturi=${account}"`,
    `other.test. CAA 0 issue "letsencrypt.org; accounturi=${account}"`,
  ]);
  expect(suggestCaa(['a.example'], { ...authority, accounts: [] })).toEqual([
    'a.example. CAA 0 issue "letsencrypt.org"',
  ]);
  expect(suggestCaa(['*.a.example'], authority)).toHaveLength(2);
  expect(suggestCaa(['a.example'], { identities: [], accounts: [] })).toEqual([]);
});

it('T-11 with them this server may issue for each of the names, and nobody else may', async () => {
  const hosts = ['shop.example', '*.shop.example', 'www.shop.example'];
  const lookup = zoneOf(suggestCaa(hosts, authority));
  const question = { hosts, method: 'dns-01', lookup, say: () => undefined } as const;
  await expect(checkCaa({ ...question, ...authority })).resolves.toBeUndefined();
  for (const other of [
    { identities: ['other-ca.example'], accounts: [account] },
    { ...authority, accounts: ['https://acme.example/acct/2'] },
  ])
    await expect(checkCaa({ ...question, ...other })).rejects.toMatchObject({ reason: 'acme_caa' });
});
