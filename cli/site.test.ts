import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFakeAgent } from '#server/core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '#server/testing.ts';
import { CommandError, UsageError, type Command, type CommandContext } from './command.ts';
import { siteExport } from './commands/site-export.ts';
import { siteImport } from './commands/site-import.ts';
import { say } from './texts.ts';

let test: TestApp;
let owner: TestClient;
let folder: string;
let port: number;
let token: string;
const passphrase = 'of nobody else 42';
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-site-cli-'));
  test = await makeTestApp({
    agentClient: createFakeAgent({
      copyMs: 50,
      isNginxInstalled: true,
      isMariadbInstalled: true,
      phpVersions: ['8.4'],
    }),
  });
  await test.app.listen({ host: '127.0.0.1', port: 0 });
  port = (test.app.server.address() as AddressInfo).port;
  owner = await (await test.signIn()).elevate();
  await owner.post('/api/v1/sites', { kind: 'static', domains: ['shop.test', 'www.shop.test'] });
  token = await makeToken(true);
});
afterAll(async () => {
  await test.close();
  rmSync(folder, { recursive: true });
});

async function makeToken(isElevated: boolean): Promise<string> {
  const scopes = [
    'certificates.read',
    'certificates.write',
    'databases.manage',
    'databases.read',
    'jobs.read',
    'sites.create',
    'sites.read',
    'sites.write',
  ];
  const body = { name: `cli ${String(isElevated)}`, scopes, isElevated, expiresInDays: 1 };
  return ((await owner.post('/api/v1/me/tokens', body)).json as { secret: string }).secret;
}

async function run(
  command: Command,
  args: readonly string[],
  env: Record<string, string> = { AAPANEL_TOKEN: token },
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const ctx: CommandContext = {
    args,
    input: {
      argv: args,
      cwd: folder,
      env: { ENVIRONMENT: 'development', AGENT: 'fake', DATA_DIR: folder, HOST: '127.0.0.1', PORT: `${port}`, ...env },
    },
    language: 'en',
    out: (line) => void (said.out += `${line}\n`),
    err: (line) => void (said.err += `${line}\n`),
    text: (key, params) => say('en', key, params),
  };
  return { code: await command(ctx), ...said };
}

it('a site is exported into a new file that its owner alone reads, by its name or a domain, and the panel keeps none', async () => {
  const { code, out } = await run(siteExport, ['www.shop.test', '--to', 'shop.site.tar']);
  expect([code, out]).toEqual([0, expect.stringContaining('done: ')]);
  expect(out).toContain('the file is not sealed');
  expect([statSync(file('shop.site.tar')).size, statSync(file('shop.site.tar')).mode & 0o777]).toEqual([
    700_000, 0o600,
  ]);
  const before = readFileSync(file('shop.site.tar'));
  await expect(run(siteExport, ['shop.test', '--to', 'shop.site.tar'])).rejects.toThrow('the file exists');
  expect(readFileSync(file('shop.site.tar')).equals(before)).toBe(true);
  const site = ((await owner.get('/api/v1/sites?search=shop.test')).json as { items: { id: string }[] }).items[0];
  expect((await owner.get(`/api/v1/sites/${site?.id}/exports`)).json).toEqual({ items: [] });
});

it('what is wrong is said in a sentence, with its key, and no half file is left', async () => {
  const to = ['--to', 'never.tar'];
  await expect(run(siteExport, ['shop.test'])).rejects.toBeInstanceOf(UsageError);
  await expect(run(siteExport, ['none.test', ...to])).rejects.toThrow(
    'there is no site of this name or domain: none.test',
  );
  await expect(run(siteExport, ['shop.test', ...to], {})).rejects.toThrow('an API token is needed');
  await expect(run(siteExport, ['shop.test', ...to], { AAPANEL_TOKEN: 'aap_x' })).rejects.toThrow('not valid');
  const wrong = { AAPANEL_TOKEN: `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}` };
  await expect(run(siteExport, ['shop.test', ...to], wrong)).rejects.toThrow('not valid, or is over');
  const short = { AAPANEL_TOKEN: token, AAPANEL_PASSPHRASE: 'short' };
  await expect(run(siteExport, ['shop.test', ...to], short)).rejects.toThrow('at least 12 characters');
  const both = ['--token-file', '-', '--passphrase-file', '-'];
  await expect(run(siteExport, ['shop.test', ...to, ...both])).rejects.toBeInstanceOf(UsageError);
  const weak = { AAPANEL_TOKEN: await makeToken(false), AAPANEL_PASSPHRASE: passphrase };
  await expect(run(siteExport, ['shop.test', ...to, '--with-secrets'], weak)).rejects.toThrow('elevation_required');
  expect(existsSync(file('never.tar'))).toBe(false);
});

it('the dry run shows what would be made and makes nothing; what stands in the way ends it with 1', async () => {
  const sites = async () => ((await owner.get('/api/v1/sites')).json as { total: number }).total;
  const before = await sites();
  writeFileSync(file('in.site.tar'), Buffer.alloc(1_200_000, 'x'));
  const blocked = await run(siteImport, ['in.site.tar', '--dry-run']);
  expect([blocked.code, blocked.out]).toEqual([1, expect.stringContaining('(php_missing: 8.1)')]);
  const asked = ['in.site.tar', '--dry-run', '--php', '8.4', '--domains', 'a.example.com,b.example.com'];
  const { code, out } = await run(siteImport, asked);
  expect([code, out]).toEqual([0, expect.stringContaining('domains: a.example.com b.example.com')]);
  expect(out).toContain('(databases_left)');
  expect(out).toContain('does not come along: certificate, SFTP keys and being the default site, logs and history');
  expect((await run(siteImport, [...asked, '--database', 'shop=shop_2'])).out).not.toContain('(database');
  await expect(run(siteImport, [...asked, '--database', 'none'])).rejects.toThrow('there is no such database');
  await expect(run(siteImport, [...asked, '--database', 'shop=../x'])).rejects.toBeInstanceOf(UsageError);
  const taken = await run(siteImport, ['in.site.tar', '--php', '8.4', '--domains', 'shop.test', '--json']);
  expect(taken.code).toBe(1);
  expect((JSON.parse(taken.out) as { notes: object[] }).notes[0]).toMatchObject({ code: 'domain_taken', blocks: true });
  await expect(run(siteImport, ['none.tar', '--dry-run'])).rejects.toBeInstanceOf(CommandError);
  writeFileSync(file('none.tar'), 'x');
  await expect(run(siteImport, ['none.tar', '--dry-run'])).rejects.toThrow('(site_file_unknown)');
  expect(await sites()).toBe(before);
});

it('a sealed file is opened by a passphrase of a file, and the site is made with the certificate unless somebody says no', async () => {
  writeFileSync(file('sealed.site.sealed'), 'sealed');
  const php = ['sealed.site.sealed', '--php', '8.4'];
  await expect(run(siteImport, php)).rejects.toThrow('the file is sealed');
  writeFileSync(file('words'), 'wrong words\n');
  await expect(run(siteImport, [...php, '--passphrase-file', 'words'])).rejects.toThrow('does not open the file');
  writeFileSync(file('words'), `${passphrase}\n`);
  const dry = await run(siteImport, [...php, '--passphrase-file', file('words'), '--dry-run', '--no-certificate']);
  expect(dry.out).toContain('(certificate_left)');
  const { code, out } = await run(siteImport, [...php, '--passphrase-file', file('words')]);
  expect([code, out]).toEqual([0, expect.stringContaining('the site is made: shop.example.com')]);
  expect(out).toContain('certificate: shop.example.com www.shop.example.com');

  // And out again with it; with no valid one it goes without, and says so.
  const env = { AAPANEL_TOKEN: token, AAPANEL_PASSPHRASE: passphrase };
  const sealed = await run(siteExport, ['shop.example.com', '--to', 'out.sealed', '--json'], env);
  expect(JSON.parse(sealed.out)).toMatchObject({ withCertificate: true, isSealed: true, sizeBytes: 700_000 });
  expect(`${sealed.out}${sealed.err}`).not.toContain(passphrase);
  const plain = await run(siteExport, ['shop.test', '--to', 'plain.sealed'], env);
  expect(plain.out).toContain('the file is sealed, and has no certificate');
});
