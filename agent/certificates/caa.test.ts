import { describe, expect, it } from 'vitest';
import { checkCaa, isAllowed, type CaaRecord } from './caa.ts';

const ours = { identities: ['letsencrypt.org'], method: 'http-01', accounts: ['https://ca.test/acct/7'] } as const;
const record = (more: Partial<CaaRecord>): CaaRecord => ({ critical: 0, ...more });

describe('T-7 who may issue, by the records of a name', () => {
  it.each<[string, Partial<CaaRecord>[], boolean, boolean]>([
    ['none', [], true, true],
    ['ours', [{ issue: 'letsencrypt.org' }], true, true],
    ['another', [{ issue: 'other.example' }], false, false],
    ['ours among others', [{ issue: 'other.example' }, { issue: ' LetsEncrypt.org ' }], true, true],
    ['nobody', [{ issue: ';' }], false, false],
    ['another for wildcards only', [{ issue: 'letsencrypt.org' }, { issuewild: 'other.example' }], true, false],
    ['ours for wildcards only', [{ issue: 'other.example' }, { issuewild: 'letsencrypt.org' }], false, true],
    ['only an address for reports', [{ critical: 0 }], true, true],
    ['ours, by DNS alone', [{ issue: 'letsencrypt.org; validationmethods=dns-01' }], false, false],
    ['ours, by either', [{ issue: 'letsencrypt.org; validationmethods=dns-01,http-01' }], true, true],
    ['ours, by our account', [{ issue: 'letsencrypt.org; accounturi=https://ca.test/acct/7' }], true, true],
    [
      'ours, by the account of another',
      [{ issue: 'letsencrypt.org; accounturi=https://ca.test/acct/8' }],
      false,
      false,
    ],
    ['a longer account', [{ issue: 'letsencrypt.org; accounturi=https://ca.test/acct/77' }], false, false],
    [
      'two accounts in one',
      [{ issue: 'letsencrypt.org; accounturi=https://ca.test/acct/7; accounturi=x' }],
      false,
      false,
    ],
    [
      'our account, by DNS alone',
      [{ issue: 'letsencrypt.org; accounturi=https://ca.test/acct/7; validationmethods=dns-01' }],
      false,
      false,
    ],
    ['ours in the name of another', [{ issue: 'letsencrypt.org.evil.example' }], false, false],
  ])('%s', (_name, records, plain, wildcard) => {
    const all = records.map(record);
    expect(isAllowed(all, { ...ours, isWildcard: false })).toBe(plain);
    expect(isAllowed(all, { ...ours, isWildcard: true })).toBe(wildcard);
  });
});

it('T-7 the nearest records count, what cannot be read is only told, and an authority without a name is not checked', async () => {
  const zones: Record<string, CaaRecord[]> = {
    'shop.test': [record({ issue: 'other.example' })],
    'open.shop.test': [record({ issue: 'letsencrypt.org' })],
  };
  const said: string[] = [];
  const ask = (hosts: string[], identities: readonly string[] = ours.identities) =>
    checkCaa({
      ...ours,
      identities,
      hosts,
      lookup: (name) =>
        name === 'away.test' ? Promise.reject(new Error('ESERVFAIL')) : Promise.resolve(zones[name] ?? []),
      say: (line) => void said.push(line),
    });
  await ask(['a.open.shop.test', 'free.test', 'away.test']);
  expect(said).toEqual([expect.stringContaining('away.test')]);
  await expect(ask(['free.test', 'www.shop.test'])).rejects.toMatchObject({
    reason: 'acme_caa',
    params: { host: 'www.shop.test' },
  });
  await ask(['www.shop.test'], []);
});
