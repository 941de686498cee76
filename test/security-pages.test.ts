import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountsApi } from '#shared/accounts.ts';
import { builtInRoleFacts, builtInRoles, permissions } from '#shared/access.ts';
import type { Operation } from '#shared/http.ts';
import { isTestFile } from './architecture/policy.ts';
import { readSources, root } from './architecture/sources.ts';

/*
 * What the pages on security and people say is what the code does: numbers, places, ways in, words, rights.
 */

const languages = ['en', 'ar'] as const;
const read = async (path: string): Promise<string> => await readFile(join(root, path), 'utf8');
const security = { en: await read('docs/en/security.md'), ar: await read('docs/ar/security.md') };
const people = { en: await read('docs/en/people.md'), ar: await read('docs/ar/people.md') };

/** Cells of the table rows of a page. */
function rowsOf(page: string): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

const codeOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner);
const numbersOf = (text: string): string[] => text.replaceAll(/`[^`]*`|\[[^\]]*\]\([^)]*\)/g, '').match(/\d+/g) ?? [];

/** `const name = 5 * 60 * 1000` → 300000; of a variable of the environment its default in production. */
async function constantOf(path: string, name: string): Promise<number | undefined> {
  const text = await read(path);
  const variable = new RegExp(`^  ${name}: \\{[\\s\\S]*?production: '(\\d+)'`, 'm').exec(text)?.[1];
  if (variable !== undefined) return Number(variable) * 1000;
  const found = new RegExp(`const ${name} = ([\\d_ *a-z]+);`).exec(text)?.[1];
  return found
    ?.split('*')
    .map((factor) => (factor.trim() === 'minute' ? 60_000 : Number(factor.replaceAll('_', ''))))
    .reduce((product, factor) => product * factor, 1);
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  seconds: 1000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  days: 86_400_000,
  KiB: 1024,
  MiB: 1024 * 1024,
};

describe('the security page', () => {
  it('the limits of the page are those of the code', async () => {
    const limits = rowsOf(security.en).filter((row) => /^`[\w./-]+\.ts` `\w+`$/.test(row[2] ?? ''));
    expect(limits.length).toBeGreaterThan(25);
    for (const [what, value = '', where = ''] of limits) {
      const [path = '', name = ''] = codeOf(where);
      const [, number, unit = ''] = /^(\d+) ?(\w*)$/.exec(value) ?? [];
      expect([what, Number(number) * (units[unit] ?? Number.NaN)]).toEqual([what, await constantOf(path, name)]);
    }
    const bans = await read('server/core/auth/bans.ts');
    expect(bans).toContain('[5 * minute, 15 * minute, 60 * minute, 24 * 60 * minute]');
    expect(security.en.replaceAll('\n', ' ')).toContain('for 5 minutes, then 15, then an hour, then a day');
  });

  it('says the same numbers, names and places in both languages', () => {
    const [en, ar] = [rowsOf(security.en), rowsOf(security.ar)];
    expect(ar.length).toBe(en.length);
    for (const [index, row] of en.entries()) {
      const other = ar[index] ?? [];
      expect(other.map(codeOf)).toEqual(row.map(codeOf));
      expect(other.flatMap(numbersOf).toSorted()).toEqual(row.flatMap(numbersOf).toSorted());
    }
  });

  it('every way in stands on the page, and no other', () => {
    const operations: Operation[] = Object.values(accountsApi);
    const open = operations.filter(({ access }) => access === 'public').map(({ method, path }) => `${method} ${path}`);
    for (const language of languages) {
      const named = rowsOf(security[language]).flatMap((row) => codeOf(row[1] ?? ''));
      expect(named.filter((text) => /^(GET|POST) \//.test(text)).toSorted()).toEqual(open.toSorted());
    }
  });

  it('the words that are refused as a password are those of the code', async () => {
    const code = await read('server/core/auth/common-passwords.ts');
    const words = /\/\^\(([a-z|]+)\)\[\^a-z\]\*\$\//.exec(code)?.[1]?.split('|') ?? [];
    expect(words.length).toBeGreaterThan(3);
    for (const language of languages)
      expect(security[language]).toContain(words.map((word) => `\`${word}\``).join(' '));
    const list = await read('server/core/auth/common-passwords-list.ts');
    expect(list.match(/\S+/g)?.length ?? 0).toBeGreaterThan(5_000);
    expect(security.en).toContain('5,000');
    expect(security.ar).toContain('5000');
  });

  it('every key and algorithm of the code stands on the page', async () => {
    const product = (await readSources()).filter(
      ({ path }) => /^(agent|cli|server|shared)\//.test(path) && !isTestFile(path) && !path.includes('agent-fake/'),
    );
    const algorithms = product.flatMap(({ text }) =>
      [...text.matchAll(/\b(?:createHmac|createHash|hash|runArgon2)\('([\w-]+)'/g)].map(([, name = '']) => name),
    );
    const union = /name: ((?:'\w+'(?: \| )?)+)/.exec(await read('agent/core/keys.ts'))?.[1] ?? '';
    const keys = [...union.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
    expect(new Set(algorithms)).toEqual(new Set(['argon2id', 'sha1', 'sha256', 'sha512']));
    expect(keys.length).toBeGreaterThan(2);
    for (const language of languages) {
      const listed = codeOf(security[language]);
      expect([...new Set(algorithms), ...keys].filter((name) => !listed.includes(name))).toEqual([]);
    }
    // SHA-1 only where RFC 6238, the sign-in of MariaDB, fingerprints of OpenPGP, WordPress and the questions of OCSP have it.
    const withSha1 = product.filter(({ text }) => /'sha1'/.test(text)).map(({ path }) => path);
    expect(withSha1.toSorted()).toEqual([
      'agent/databases/seal.ts',
      'agent/databases/wire/mariadb.ts',
      'agent/factors/totp.ts',
      'agent/packages/openpgp.ts',
      'server/features/wordpress/wordpress.fetch.ts',
      'shared/ocsp-words.ts',
    ]);
  });

  it('the places of the page are those of the code', async () => {
    const socket = await read('deploy/systemd/aapanel-agent.socket');
    const agent = await read('deploy/systemd/aapanel-agent.service');
    const steps = await read('deploy/lib/steps.sh');
    const install = await read('deploy/install.sh');
    expect(socket).toMatch(/ListenStream=\/run\/aapanel\/agent\.sock[\s\S]*SocketMode=0660/);
    expect(agent).toContain('AAPANEL_AGENT_STATE=/var/lib/aapanel-agent');
    expect(agent).toContain('StateDirectoryMode=0700');
    expect(steps).toMatch(/install -o root -g "\$account" -m 640 "\$work\/panel\.env"/);
    expect(steps).toMatch(/install -o root -g "\$account" -m 640 "\$work\/key\.pem"/);
    expect(steps + install).toContain('panel.log');
    for (const [path, mode] of [
      ['agent/core/keys.ts', '0o600'],
      ['agent/core/state-file.ts', '0o600'],
      ['server/core/doors-certificate.ts', '0o600'],
    ] as const) {
      expect([path, (await read(path)).includes(mode)]).toEqual([path, true]);
    }
    for (const language of languages) {
      for (const place of [
        '/run/aapanel/agent.sock',
        '/var/lib/aapanel-agent/people.json',
        '/var/lib/aapanel-agent/keys',
        '/var/lib/aapanel-agent/audit',
        '/etc/aapanel/panel.env',
        '/etc/aapanel/tls/key.pem',
        '/var/lib/aapanel/tls',
        '/var/log/aapanel/panel.log',
      ]) {
        expect([place, codeOf(security[language]).includes(place)]).toEqual([place, true]);
      }
    }
  });
});

describe('the people page', () => {
  it('the roles of the page have the permissions of the code', () => {
    for (const language of languages) {
      const rows = rowsOf(people[language]).filter(([first]) => permissions.some((name) => first === `\`${name}\``));
      expect(rows.map(([first = '']) => first.slice(1, -1))).toEqual([...permissions]);
      for (const [first = '', ...cells] of rows) {
        const wanted = builtInRoles.map((role) =>
          builtInRoleFacts[role].permissions.some((name) => name === first.slice(1, -1)) ? '✓' : '',
        );
        expect([first, ...cells]).toEqual([first, ...wanted]);
      }
    }
    const scopes = rowsOf(people.en).find(([first]) => first === 'Sites');
    expect(scopes?.slice(1)).toEqual(builtInRoles.map((role) => builtInRoleFacts[role].siteScope));
  });
});
