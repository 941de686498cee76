import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { tlsSettings } from '#shared/site-tls.ts';
import { fakePair } from '#server/core/agent-fake/self-signed.ts';
import { withCertificates, type TestPair } from '#server/core/testing/certificates.ts';
import { certificatesHandlers } from '../../certificates/certificates.actions.ts';
import { copiesHandlers } from '../../copies/copies.actions.ts';
import type { Machine } from '../../core/machine.ts';
import { dataPath } from '../../site-archives/uploads.ts';
import { sitesHandlers } from '../../sites/sites.actions.ts';
import { call, newChangeId, specOf, type World } from '../../testing/world.ts';
import { exportPath } from '../export-records.ts';
import { bringCertificate } from '../file-certificate.ts';
import { siteFilesOwner } from '../incoming.ts';
import { keyPathOf, sealed, sealingOf } from '../sealing.ts';
import { siteFilesHandlers } from '../site-files.actions.ts';
import { foreignFile, tarOf } from './foreign-file.ts';

const passphrase = 'a long way home';

/** Certificates in files of sites, with the machine of the plain ones. */
export function certificateSteps(given: () => { readonly world: World; readonly machine: Machine }): void {
  const shelf = async () => (await certificatesHandlers['certificates.list'](given().machine, {}, call())).items;
  const secure = (name: string, certificateId: string): SiteSpec =>
    specOf(given().world, name, { tls: { ...tlsSettings.parse({ isForced: true }), certificateId } });
  const described = (spec: SiteSpec) => ({ ...spec, tls: null, name: 'Secure', remark: '', category: '' });
  const inspect = async (uploadId: string) =>
    (await siteFilesHandlers['site_files.inspect'](given().machine, { uploadId }, call())).certificate;

  async function send(bytes: Buffer): Promise<string> {
    const uploadId = newChangeId();
    const begun = { uploadId, fileName: 'secure.site.sealed', sizeBytes: bytes.length };
    await siteFilesHandlers['site_files.begin'](given().machine, begun, call());
    const piece = { uploadId, offset: 0, data: bytes.toString('base64') };
    await siteFilesHandlers['site_files.write'](given().machine, piece, call());
    return uploadId;
  }
  const start = (uploadId: string, spec: SiteSpec, certificateId: string | null, asking = call()) => {
    const copyId = newChangeId();
    const source = { uploadId, databases: [], certificateId };
    return copiesHandlers['copies.start'](given().machine, { copyId, source, spec, withSecrets: false }, asking).then(
      () => copyId,
    );
  };
  const copied = async (copyId: string): Promise<void> => {
    const follow = () => copiesHandlers['copies.follow'](given().machine, { copyId, offset: 0 }, call());
    await expect.poll(async () => (await follow()).copy?.state, { timeout: 30_000 }).not.toBe('running');
    const { copy, text } = await follow();
    expect([copy?.state, copy?.failure], text).toEqual(['copied', null]);
  };

  it('SITE-3 T-8 a certificate goes out in a sealed file only, and the site that is made of it is served with it', async () => {
    const { world, machine } = given();
    const pair = withCertificates((make) => make.selfSigned('DNS:secure.test,DNS:secure-copy.test'));
    const certificateId = newChangeId();
    const kept = { certificateId, changeId: newChangeId(), isNew: true, name: '', ...pair };
    const { fingerprint } = await certificatesHandlers['certificates.put'](machine, kept, call());
    const [source, plain] = [secure('secure.test', certificateId), specOf(world, 'insecure.test')];
    for (const spec of [source, plain]) {
      const input = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' } as const;
      await sitesHandlers['sites.apply'](machine, input, call(60));
    }
    const site = { siteId: source.siteId, slug: source.slug };
    const exportId = newChangeId();
    const asked = { site, exportId, description: described(source), databaseIds: [], withSecrets: false, passphrase };
    const take = (more: object, asking = call()) =>
      siteFilesHandlers['site_files.export'](machine, { ...asked, withCertificate: true, ...more }, asking);
    await expect(take({}, { ...call(), isElevated: false })).rejects.toMatchObject({ code: 'elevation_required' });
    await expect(take({}, { ...call(), may: (each) => each !== 'certificates.write' })).rejects.toMatchObject({
      params: {},
      code: 'not_allowed',
    });
    await expect(take({ passphrase: null })).rejects.toMatchObject({ fields: [{ field: 'passphrase' }] });
    const other = { site: { siteId: plain.siteId, slug: plain.slug } };
    await expect(take(other)).rejects.toMatchObject({
      reason: 'site_export_certificate',
      params: { why: 'no_certificate' },
    });
    await take({});
    const follow = () => siteFilesHandlers['site_files.follow'](machine, { site, exportId, offset: 0 }, call());
    await expect.poll(async () => (await follow()).export?.state, { timeout: 30_000 }).not.toBe('running');
    const done = await follow();
    expect(done.export?.state, done.text).toBe('ready');
    // Nothing but the shelf itself has the key in plain words.
    const lines = pair.key.trim().split('\n');
    const found = spawnSync('grep', ['-rlF', lines[1] ?? '', machine.stateFolder], { encoding: 'utf8' }).stdout;
    expect(found.trim().split('\n')).toEqual([expect.stringMatching(/\/key\.pem$/)]);
    const file = readFileSync(exportPath(machine, { siteId: site.siteId, exportId }, 'tar'));

    const uploadId = await send(file);
    await siteFilesHandlers['site_files.unlock'](machine, { uploadId, passphrase }, call());
    const seen = await inspect(uploadId);
    expect(seen).toMatchObject({ names: ['secure.test', 'secure-copy.test'], fault: null, fingerprint });
    expect(seen).toMatchObject({ isRenewed: false, settings: { isForced: true }, isSelfSigned: true });
    expect(JSON.stringify(seen)).not.toContain('PRIVATE');

    const newId = newChangeId();
    const spec = secure('secure-copy.test', newId);
    const barred = { ...call(), may: (each: string) => each !== 'certificates.write' };
    await expect(start(uploadId, spec, newId, barred)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(start(uploadId, spec, newChangeId())).rejects.toMatchObject({
      fields: [{ code: 'certificate_unknown' }],
    });
    await expect(start(uploadId, secure('secure-copy.test', certificateId), certificateId)).rejects.toMatchObject({
      reason: 'certificate_exists',
    });
    await expect(start(uploadId, secure('never.test', newId), newId)).rejects.toMatchObject({
      fields: [{ code: 'certificate_not_for_site' }],
    });
    // One that is given up has left nothing, also when the certificate was there already.
    const before = await shelf();
    const givenUp = await start(uploadId, spec, newId);
    await copied(givenUp);
    const bringing = { copyId: givenUp, actor: { id: 'x' }, uploadId, certificateId: newId, spec };
    await bringCertificate(machine, bringing, Date.now() + 20_000);
    expect(await shelf()).toHaveLength(before.length + 1);
    await copiesHandlers['copies.cancel'](machine, { copyId: givenUp }, call(30));
    expect(await shelf()).toEqual(before);

    const copyId = await start(uploadId, spec, newId);
    await copied(copyId);
    expect(await shelf()).toEqual(before);
    await copiesHandlers['copies.settle'](machine, { copyId, changeId: newChangeId() }, call(60));
    expect((await shelf()).find(({ id }) => id === newId)).toMatchObject({
      source: 'own',
      fingerprint,
      siteIds: [spec.siteId],
    });
    await expect.poll(() => shownFor(world.tlsPort, 'secure-copy.test'), { timeout: 5_000 }).toBe(fingerprint);
    expect(existsSync(dataPath(machine, siteFilesOwner, uploadId))).toBe(false);
    await siteFilesHandlers['site_files.drop'](machine, { site, exportId }, call(30));
  }, 60_000);

  it('ARCH-3 T-3 a certificate of a stranger is looked at as one that somebody brings; what is none makes the file a damaged one', async () => {
    const { world, machine } = given();
    const { good, other, over } = withCertificates((make) => ({
      good: make.selfSigned('DNS:stranger.test'),
      other: make.selfSigned('DNS:stranger.test'),
      over: make.aged('DNS:stranger.test', 30, 40),
    }));
    const site = described(specOf(world, 'stranger.test'));
    const content = zstdCompressSync(tarOf([['index.html', Buffer.from('x')]]));
    const sealing = await sealingOf(passphrase, newChangeId());
    const acme = { hosts: ['stranger.test', 'else.test'], keyKind: 'ecdsa', email: '', proof: { kind: 'http' } };
    const packed = (pair: TestPair, more: object = {}): Buffer =>
      Buffer.from(JSON.stringify({ ...pair, settings: tlsSettings.parse({}), acme: null, ...more }));
    /** As if somebody had given the passphrase: that alone takes a while. */
    const sealedFile = async (certificate: Buffer, change = (bytes: Buffer) => bytes): Promise<string> => {
      const file = change(await foreignFile(world.folder, site, content, { certificate }));
      const plain = (async function* (): AsyncGenerator<Buffer> {
        yield file;
      })();
      const pieces: Buffer[] = [];
      for await (const piece of sealed(sealing, plain, Date.now())) pieces.push(piece);
      const uploadId = await send(Buffer.concat(pieces));
      writeFileSync(keyPathOf(dataPath(machine, siteFilesOwner, uploadId)), sealing.key);
      return uploadId;
    };
    const discard = (uploadId: string) => siteFilesHandlers['site_files.discard'](machine, { uploadId }, call());
    const shelved = JSON.stringify(await shelf());

    const faulty: [TestPair, string][] = [
      [{ ...good, key: other.key }, 'key_of_another_certificate'],
      [over, 'expired'],
      [{ ...good, certificate: good.certificate.slice(0, -60) }, 'not_readable'],
      [{ ...good, key: good.key.slice(0, 80) }, 'key_not_readable'],
      [edwards(world.folder), 'key_kind'],
    ];
    for (const [pair, fault] of faulty) {
      const uploadId = await sealedFile(packed(pair));
      expect(await inspect(uploadId)).toMatchObject({ fault, chain: '' });
      const newId = newChangeId();
      await expect(start(uploadId, secure('stranger.test', newId), newId)).rejects.toMatchObject({
        reason: 'site_certificate_invalid',
        params: { why: fault },
      });
      await discard(uploadId);
    }
    const damaged: Buffer[] = [
      Buffer.from('{"certificate"'),
      packed(good, { more: 1 }),
      packed(good, { acme: { ...acme, hosts: ['a.test\n--pre-hook id'] } }),
      packed(good, { acme: { ...acme, email: '--pre-hook' } }),
      packed(good, { acme: { ...acme, keyKind: 'ed25519' } }),
      packed({ ...good, certificate: 'x'.repeat(70_000) }),
      Buffer.alloc(3_000_000, ' '),
    ];
    for (const certificate of damaged) {
      const uploadId = await sealedFile(certificate);
      await expect(inspect(uploadId)).rejects.toMatchObject({ reason: 'site_file_damaged' });
      await discard(uploadId);
    }
    const changed = await sealedFile(packed(good), (bytes) => {
      const at = bytes.indexOf('"isForced":false');
      return Buffer.concat([bytes.subarray(0, at), Buffer.from('"isForced":true '), bytes.subarray(at + 16)]);
    });
    await expect(inspect(changed)).rejects.toMatchObject({ reason: 'site_file_damaged' });
    await discard(changed);
    const open = await send(await foreignFile(world.folder, site, content, { certificate: packed(good) }));
    await expect(inspect(open)).rejects.toMatchObject({ reason: 'site_file_damaged' });
    await discard(open);

    // A name of two lines stays a name of one.
    const odd = await sealedFile(packed(fakePair(['stranger.test', 'a.test\nb.test'])));
    expect((await inspect(odd))?.names.filter((name) => name.includes('\n'))).toEqual([]);
    await discard(odd);

    // How it was ordered is taken over for the names that the new site can prove, and for it alone.
    const uploadId = await sealedFile(packed(good, { acme }));
    expect(await inspect(uploadId)).toMatchObject({ fault: null, isRenewed: true });
    const newId = newChangeId();
    const spec = secure('stranger.test', newId);
    const copyId = await start(uploadId, spec, newId);
    await bringCertificate(
      machine,
      { copyId, actor: { id: 'x' }, uploadId, certificateId: newId, spec },
      Date.now() + 20_000,
    );
    const record = JSON.parse(
      readFileSync(`${machine.stateFolder}/certificates/${newId}/record.json`, 'utf8'),
    ) as object;
    expect(record).toMatchObject({ source: 'acme', acme: { ...acme, hosts: ['stranger.test'], siteId: spec.siteId } });
    await copiesHandlers['copies.cancel'](machine, { copyId }, call(30));
    await discard(uploadId);
    expect(JSON.stringify(await shelf())).toBe(shelved);
    expect(readdirSync(`${machine.stateFolder}/certificates`)).not.toContain(newId);
  }, 60_000);
}

/** A key of a kind that browsers do not take. */
function edwards(folder: string): TestPair {
  mkdirSync(`${folder}/edwards`, { recursive: true });
  const [key, certificate] = [`${folder}/edwards/key.pem`, `${folder}/edwards/chain.pem`];
  const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=DNS:stranger.test'];
  const out = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', ...names, ...out], { stdio: 'pipe' });
  return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
}

/** Fingerprint that a visitor sees; undefined while nobody shows one. */
async function shownFor(port: number, servername: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw).fingerprint256);
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
  });
}
