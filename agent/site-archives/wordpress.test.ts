import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uploadChunkBytes, unpackChoices } from '#shared/archives.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { sitePhp } from '#shared/site-php.ts';
import type { TestServer } from '../backups/dumps/testing/servers.ts';
import { hasMariadb, startMariadb } from '../backups/dumps/testing/servers.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { databasesHandlers } from '../databases/databases.actions.ts';
import { passwordOf } from '../databases/create.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { hasPhp, installPhp, stopPhp } from '../testing/php.ts';
import { wordpressLike } from '../testing/wordpress-like.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visit, visitUntil, type World } from '../testing/world.ts';
import { archivesHandlers } from './archives.actions.ts';
import { runUnpacking } from './unpacking-run.ts';
import { settleUnpacking } from './unpacking.ts';
import { renderConfig } from './wordpress.ts';

const canRun =
  hasNginx &&
  hasPhp &&
  hasMariadb &&
  process.getuid?.() === 0 &&
  spawnSync('/usr/sbin/php-fpm8.2', ['-m'], { encoding: 'utf8' }).stdout?.includes('mysqli') === true;

let world: World;
let machine: Machine;
let server: TestServer;

describe.runIf(canRun)('WordPress, with a real nginx, PHP-FPM and MariaDB', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installPhp(world, '8.2');
    server = await startMariadb({ prefix: world.prefix } as Parameters<typeof startMariadb>[0]);
    machine = await openMachine(world.settings);
  }, 60_000);
  afterAll(async () => {
    await machine.settled();
    machine.close();
    stopPhp(world);
    await server.stop();
    world.destroy();
  });

  const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
  async function makeSite(name: string): Promise<SiteSpec> {
    const spec = specOf(world, name, {
      kind: 'php',
      php: sitePhp.parse({ version: '8.2' }),
      behaviour: siteBehaviour.parse({ rewrites: { preset: 'wordpress' } }),
    });
    const given = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' } as const;
    await sitesHandlers['sites.apply'](machine, given, call());
    return spec;
  }
  async function makeDatabase(spec: SiteSpec, name: string, password: string | null = null): Promise<string> {
    const databaseId = newChangeId();
    await databasesHandlers['databases.create'](
      machine,
      {
        databaseId,
        engine: 'mariadb',
        name,
        user: name,
        password,
        charset: 'utf8mb4',
        locale: null,
        siteId: spec.siteId,
      },
      call(60),
    );
    return databaseId;
  }
  /** As the job does it, with the process of the unpacking in this one. */
  async function install(spec: SiteSpec, databaseId: string, archive: Buffer) {
    const [uploadId, unpackingId, site] = [newChangeId(), newChangeId(), refOf(spec)];
    const begun = { site, uploadId, fileName: 'wordpress.tar.gz', sizeBytes: archive.length };
    await archivesHandlers['archives.begin'](machine, begun, call());
    for (let offset = 0; offset < archive.length; offset += uploadChunkBytes) {
      const data = archive.subarray(offset, offset + uploadChunkBytes).toString('base64');
      await archivesHandlers['archives.write'](machine, { site, uploadId, offset, data }, call());
    }
    const app = { kind: 'wordpress', databaseId, tablePrefix: 'wp_' } as const;
    const wanted = { site, unpackingId, uploadId, choices: unpackChoices.parse({}), app };
    // The process that it starts finds nobody to ask; ours takes its place.
    const quiet: Machine = { ...machine, settings: { ...machine.settings, program: ['/bin/true'] } };
    await archivesHandlers['archives.unpack'](quiet, wanted, call());
    const entry = new URL('../archives/testing/extract-entry.ts', import.meta.url).pathname;
    await runUnpacking({ ...world.settings, program: [process.execPath, entry] }, [spec.siteId, unpackingId], {
      settle: (params) => settleUnpacking(machine, params, call(60)),
    });
    const { unpacking, text } = await archivesHandlers['archives.follow'](
      machine,
      { site, unpackingId, offset: 0 },
      call(),
    );
    return { ...unpacking, text };
  }

  it('WP-1 an archive becomes a site that answers from its own database; the password stands in its configuration alone', async () => {
    const spec = await makeSite('press.test');
    const databaseId = await makeDatabase(spec, 'press', `p'a"b\\ $x`);
    const done = await install(spec, databaseId, wordpressLike());
    expect([done.state, done.failure], done.text).toEqual(['succeeded', null]);
    expect(done.text).toContain('WordPress 6.8.1');
    const root = world.prefix + spec.root;
    const first = await visitUntil(world.port, 'press.test', ({ body }) => body.startsWith('visits'));
    expect(first.body).toMatch(/^visits \d+ مرحبا keyed$/);
    expect((await visit(world.port, 'press.test', '/some/page')).body).toMatch(/^visits/);
    // The rules of the site: nothing that was uploaded runs, and the sample is nobody's business.
    expect((await visit(world.port, 'press.test', '/wp-content/uploads/shell.php')).body).not.toBe('run');
    expect((await visit(world.port, 'press.test', '/wp-config.php')).body).not.toContain('DB_');
    expect(Number(readFileSync(`${root}/wp-content/uploads/last.txt`, 'utf8'))).toBeGreaterThan(0);
    const config = lstatSync(`${root}/wp-config.php`);
    expect([config.mode & 0o777, config.uid, config.gid]).toEqual([
      0o640,
      lstatSync(`${root}/index.php`).uid,
      config.gid,
    ]);
    const password = await passwordOf(machine, databaseId);
    const holding = spawnSync('/usr/bin/grep', ['-rlF', '-e', password, '--', world.folder], {
      encoding: 'utf8',
    }).stdout;
    // Written escaped, as PHP reads it: not even there as it is.
    expect(holding.split('\n').filter((path) => path !== '' && !path.includes('/run/mysqld/'))).toEqual([]);
  }, 60_000);

  it('WP-1 no WordPress, the copy of one, the database of another site and a used folder are refused, and the site stays', async () => {
    const spec = await makeSite('refused.test');
    const other = await makeSite('other.test');
    const databaseId = await makeDatabase(spec, 'refused');
    const root = world.prefix + spec.root;
    const before = readdirSync(root);
    const reasonOf = async (archive: Buffer) => (await install(spec, databaseId, archive)).failure?.reason;
    expect(await reasonOf(wordpressLike({ 'wp-config.php': '<?php' }))).toBe('wordpress_has_config');
    const { gzipSync } = await import('node:zlib');
    const { tar } = await import('../archives/testing/make-tar.ts');
    expect(await reasonOf(gzipSync(tar([{ name: 'a/index.php', content: 'x' }])))).toBe('wordpress_not_in_archive');
    await expect(install(other, databaseId, wordpressLike())).rejects.toMatchObject({
      reason: 'wordpress_other_database',
    });
    expect(readdirSync(root)).toEqual(before);
    writeFileSync(`${root}/wp-settings.php`, 'mine');
    expect(await reasonOf(wordpressLike())).toBe('wordpress_folder_used');
    expect(readFileSync(`${root}/wp-settings.php`, 'utf8')).toBe('mine');
    expect(existsSync(`${root}/wp-config.php`)).toBe(false);
  }, 60_000);
});

it('WP-1 CMD-4 whatever stands in a password, PHP reads it as it is and nothing else', () => {
  const text = renderConfig({
    database: 'd',
    user: 'u',
    password: `x' ); system( 'id' ); // \\' \\`,
    host: 'localhost',
    tablePrefix: 'wp_',
    salts: Array.from({ length: 8 }, () => 'salt'),
  });
  expect(text).toContain(`define( 'DB_PASSWORD', 'x\\' ); system( \\'id\\' ); // \\\\\\' \\\\' );\n`);
});
