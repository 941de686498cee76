import { existsSync, readFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteApp } from '#shared/site-app.ts';
import { appsHandlers } from '../../apps/apps.actions.ts';
import { copiesHandlers } from '../../copies/copies.actions.ts';
import type { Machine } from '../../core/machine.ts';
import { dataPath } from '../../site-archives/uploads.ts';
import { sitesHandlers } from '../../sites/sites.actions.ts';
import { installNode, serverText, stopApps, writeApp } from '../../testing/apps.ts';
import { call, newChangeId, specOf, visitUntil, type World } from '../../testing/world.ts';
import { exportPath } from '../export-records.ts';
import { siteFilesOwner } from '../incoming.ts';
import { siteFilesHandlers } from '../site-files.actions.ts';
import { foreignFile, tarOf } from './foreign-file.ts';

const passphrase = 'a long way home';
const value = 'only-in-the-vault';

/** Sealed files of sites, with the machine of the plain ones. */
export function sealedSteps(given: () => { readonly world: World; readonly machine: Machine }): void {
  it('a sealed file opens by its passphrase alone, and brings secrets that stand in no file in plain words', async () => {
    const { world, machine } = given();
    installNode(world);
    const secretId = newChangeId();
    const appSpec = (name: string): SiteSpec =>
      specOf(world, name, {
        kind: 'app',
        app: siteApp.parse({
          program: 'node',
          arguments: ['server.js'],
          healthSeconds: 10,
          environment: [{ name: 'TOKEN', secretId }],
        }),
      });
    const source = appSpec('vault.test');
    const site = { siteId: source.siteId, slug: source.slug };
    await appsHandlers['apps.keep_secrets'](machine, { site, secrets: [{ secretId, value }] }, call());
    writeApp(world, source.root, { 'server.js': serverText('1') });
    const input = { spec: source, changeId: newChangeId(), isNew: true, onDrift: 'refuse' } as const;
    await sitesHandlers['sites.apply'](machine, input, call(60));

    const description = { ...source, name: 'Vault', remark: '', category: '' };
    const exportId = newChangeId();
    const asked = {
      site,
      exportId,
      description,
      databaseIds: [],
      passphrase,
      withSecrets: true,
      withCertificate: false,
    };
    const plain = { ...call(), isElevated: false };
    await expect(siteFilesHandlers['site_files.export'](machine, asked, plain)).rejects.toMatchObject({
      code: 'elevation_required',
    });
    const open = siteFilesHandlers['site_files.export'](machine, { ...asked, passphrase: null }, call());
    await expect(open).rejects.toMatchObject({ fields: [{ field: 'passphrase' }] });
    await siteFilesHandlers['site_files.export'](machine, asked, call());
    const follow = () => siteFilesHandlers['site_files.follow'](machine, { site, exportId, offset: 0 }, call());
    await expect.poll(async () => (await follow()).export?.state, { timeout: 30_000 }).not.toBe('running');
    const done = await follow();
    expect([done.export?.state, done.export?.fileName.endsWith('.site.sealed')], done.text).toEqual(['ready', true]);
    const path = exportPath(machine, { siteId: site.siteId, exportId }, 'tar');
    const bytes = readFileSync(path);
    for (const words of [value, 'vault.test', 'manifest.json', 'server.js']) expect(bytes.includes(words)).toBe(false);
    const record = readFileSync(path.replace(/tar$/, 'json'), 'utf8');
    for (const words of [value, passphrase]) expect(record).not.toContain(words);
    expect(JSON.parse(record)).toMatchObject({ sealing: null });

    const send = async (sent: Buffer): Promise<string> => {
      const uploadId = newChangeId();
      const begun = { uploadId, fileName: 'vault.site.sealed', sizeBytes: sent.length };
      await siteFilesHandlers['site_files.begin'](machine, begun, call());
      const data = sent.toString('base64');
      await siteFilesHandlers['site_files.write'](machine, { uploadId, offset: 0, data }, call());
      return uploadId;
    };
    const inspect = (uploadId: string) => siteFilesHandlers['site_files.inspect'](machine, { uploadId }, call());
    const unlock = (uploadId: string, words: string) =>
      siteFilesHandlers['site_files.unlock'](machine, { uploadId, passphrase: words }, call());
    const discard = (uploadId: string) => siteFilesHandlers['site_files.discard'](machine, { uploadId }, call());
    const uploadId = await send(bytes);
    await expect(inspect(uploadId)).rejects.toMatchObject({ reason: 'site_file_locked' });
    await expect(unlock(uploadId, 'another long way')).rejects.toMatchObject({ reason: 'site_file_passphrase' });
    await expect(inspect(uploadId)).rejects.toMatchObject({ reason: 'site_file_locked' });
    await unlock(uploadId, passphrase);
    expect(await inspect(uploadId)).toMatchObject({ origin: 'own', secrets: 1, isSealed: true });

    const spec = appSpec('vault-copy.test');
    const copyId = newChangeId();
    const start = { copyId, source: { uploadId, databases: [], certificateId: null }, spec, withSecrets: true };
    await expect(copiesHandlers['copies.start'](machine, start, plain)).rejects.toMatchObject({
      code: 'elevation_required',
    });
    await copiesHandlers['copies.start'](machine, start, call());
    const followCopy = () => copiesHandlers['copies.follow'](machine, { copyId, offset: 0 }, call());
    await expect.poll(async () => (await followCopy()).copy?.state, { timeout: 30_000 }).not.toBe('running');
    expect((await followCopy()).copy).toMatchObject({ state: 'copied' });
    await copiesHandlers['copies.settle'](machine, { copyId, changeId: newChangeId() }, call(60));
    const made = { siteId: spec.siteId, slug: spec.slug };
    await appsHandlers['apps.switch'](machine, { site: made, to: 'start', changeId: newChangeId() }, call(60));
    expect((await visitUntil(world.port, 'vault-copy.test', ({ body }) => body === value, '/env?TOKEN')).body).toBe(
      value,
    );
    // What opened it is gone with it.
    expect(existsSync(`${dataPath(machine, siteFilesOwner, uploadId)}.key`)).toBe(false);

    // Cut, changed, of an export of backups, or not sealed at all: nothing is taken from it.
    for (const [index, at] of [bytes.length - 40, 300].entries()) {
      const hurt = Buffer.from(bytes);
      hurt[at] = (hurt[at] ?? 0) ^ 1;
      const hurtId = await send(hurt);
      const opened = unlock(hurtId, passphrase);
      if (index === 1 || bytes.length < 1024 * 1024)
        await expect(opened).rejects.toMatchObject({ reason: 'site_file_passphrase' });
      else await opened;
      await discard(hurtId);
    }
    const packed = zstdCompressSync(tarOf([['index.html', Buffer.from('x')]]));
    const secrets = Buffer.from(JSON.stringify({ [secretId]: value }));
    const bareId = await send(await foreignFile(world.folder, description, packed, { secrets }));
    await expect(inspect(bareId)).rejects.toMatchObject({ reason: 'site_file_damaged' });
    await expect(unlock(bareId, passphrase)).rejects.toMatchObject({ reason: 'site_file_unknown' });
    await discard(bareId);
    await siteFilesHandlers['site_files.drop'](machine, { site, exportId }, call(30));
    stopApps(world);
  }, 90_000);
}
