import { X509Certificate } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCertificates, type TestPair } from '#server/core/testing/certificates.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { showsCertificate } from '../nginx/nginx.answers.ts';
import { poll } from '../nginx/nginx.process.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { certificatesHandlers } from './certificates.actions.ts';
import { changedCertificates } from './watched.ts';

/*
 * Certificates whose files another tool keeps, as certbot does: links that it puts in the place of the ones before.
 */

const made = withCertificates((make) => ({
  first: make.selfSigned('DNS:one.test,DNS:www.one.test'),
  second: make.selfSigned('DNS:one.test,DNS:www.one.test'),
  third: make.selfSigned('DNS:one.test,DNS:www.one.test'),
  narrow: make.selfSigned('DNS:one.test'),
}));
const fingerprintOf = ({ certificate }: TestPair): string => new X509Certificate(certificate).fingerprint256;
const live = '/etc/tool/live/one.test';
const files = { certificatePath: `${live}/fullchain.pem`, keyPath: `${live}/privkey.pem` };
const isRoot = process.getuid?.() === 0;

let world: World;
let machine: Machine;
const certificateId = newChangeId();
beforeAll(async () => {
  world = await makeWorld({ nginx: 'running' });
  machine = await openMachine(world.settings);
  for (const folder of [live, '/etc/tool/archive', '/etc/strange']) mkdirSync(world.path(folder), { recursive: true });
});
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

let count = 0;
/** As certbot does it: a new version beside the old ones, then the link. */
function putFile(name: 'fullchain.pem' | 'privkey.pem', text: string): void {
  count += 1;
  const target = world.path(`/etc/tool/archive/${count}-${name}`);
  writeFileSync(target, text, { mode: 0o600 });
  symlinkSync(`../../archive/${count}-${name}`, world.path(`${live}/new`));
  renameSync(world.path(`${live}/new`), world.path(`${live}/${name}`));
}
function putPair({ certificate, key }: TestPair): void {
  putFile('fullchain.pem', certificate);
  putFile('privkey.pem', key);
}
const watch = (given: object = files, id = newChangeId()) => {
  const params = { certificateId: id, changeId: newChangeId(), name: '', ...files, ...given };
  return certificatesHandlers['certificates.watch'](machine, params, call());
};
/** What the timer does. */
async function look() {
  for (const id of changedCertificates(machine))
    await certificatesHandlers['certificates.take_up_files'](machine, { certificateId: id }, call());
  const { items } = await certificatesHandlers['certificates.list'](machine, {}, call());
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error('not one certificate');
  return item;
}
const isShown = (pair: TestPair): Promise<boolean> =>
  poll(
    () => showsCertificate({ host: 'one.test', port: world.tlsPort, fingerprint: fingerprintOf(pair) }),
    Date.now() + 3_000,
  );

describe.runIf(hasNginx && isRoot)('files of another tool', () => {
  it('TLS-3 are served by a site, and new ones without a click once both are there', async () => {
    putPair(made.first);
    expect(await watch({}, certificateId)).toMatchObject({
      source: 'files',
      renewal: null,
      files: { ...files, fault: null },
    });
    const domains = ['one.test', 'www.one.test'].map((host) => ({ host, port: world.port }));
    const tls = {
      certificateId,
      profile: 'intermediate',
      isForced: false,
      isHttp2: true,
      isHttp3: false,
      hsts: null,
    } as const;
    const change = { changeId: newChangeId(), isNew: true, onDrift: 'refuse' } as const;
    await sitesHandlers['sites.apply'](
      machine,
      { spec: specOf(world, 'one.test', { domains, tls }), ...change },
      call(),
    );
    expect(await isShown(made.first)).toBe(true);
    expect(changedCertificates(machine)).toEqual([]);
    // In between, the chain is new and the key is not: nothing is taken up, and it is told.
    putFile('fullchain.pem', made.second.certificate);
    expect((await look()).files?.fault?.why).toBe('key_of_another_certificate');
    expect(await isShown(made.first)).toBe(true);
    putFile('privkey.pem', made.second.key);
    expect(await look()).toMatchObject({
      fingerprint: fingerprintOf(made.second),
      files: { fault: null },
      trouble: null,
    });
    expect(await isShown(made.second)).toBe(true);
    expect(changedCertificates(machine)).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['certificate_loses_names', () => putPair(made.narrow)],
    ['no_certificate', () => putFile('fullchain.pem', 'half a fi')],
    ['file_missing', () => rmSync(world.path(`${live}/privkey.pem`))],
    [
      'file_not_roots',
      () => {
        putPair(made.third);
        chmodSync(world.path('/etc/tool/archive'), 0o777);
      },
    ],
  ])('TLS-3 TLS-1 %s: the one before goes on, and it is told at once and once', async (why, breaks) => {
    breaks();
    const item = await look();
    expect(item.files?.fault?.why).toBe(why);
    expect(item.trouble).toMatchObject({ kind: 'renewal_failed', reason: 'certificate_files_refused' });
    expect(item.fingerprint).toBe(fingerprintOf(made.second));
    expect(await isShown(made.second)).toBe(true);
    expect(changedCertificates(machine)).toEqual([]);
    chmodSync(world.path('/etc/tool/archive'), 0o755);
    putPair(made.second);
    expect((await look()).trouble).toBeNull();
  });

  it('another pair is not put in their place by hand', async () => {
    const given = { certificateId, changeId: newChangeId(), isNew: false, name: '', ...made.third };
    await expect(certificatesHandlers['certificates.put'](machine, given, call())).rejects.toMatchObject({
      reason: 'certificate_of_files',
    });
  });

  const asOther = (path: string): void => chownSync(world.path(path), 65_534, 65_534);
  it.each<[string, string, () => void]>([
    ['a file of somebody else', '/etc/strange/a.pem', () => asOther('/etc/strange/a.pem')],
    ['a file that others may write', '/etc/strange/b.pem', () => chmodSync(world.path('/etc/strange/b.pem'), 0o620)],
    ['a folder of somebody else', '/etc/strange/c/c.pem', () => asOther('/etc/strange/c')],
    [
      'a link that somebody else may replace',
      '/etc/strange/c/d.pem',
      () => symlinkSync(world.path('/etc/tool/archive/1-fullchain.pem'), world.path('/etc/strange/c/d.pem')),
    ],
    [
      'a link out of what there is',
      '/etc/strange/e.pem',
      () => {
        rmSync(world.path('/etc/strange/e.pem'));
        symlinkSync('/etc/hostname', world.path('/etc/strange/e.pem'));
      },
    ],
  ])('PATH-1 %s is not read by root', async (_, path, spoil) => {
    const whole = world.path(path);
    mkdirSync(whole.slice(0, whole.lastIndexOf('/')), { recursive: true });
    if (!path.endsWith('d.pem')) writeFileSync(whole, made.third.certificate, { mode: 0o600 });
    spoil();
    await expect(watch({ certificatePath: path })).rejects.toMatchObject({
      reason: 'file_not_roots',
      params: { path },
    });
    expect((await look()).id).toBe(certificateId);
  });

  it('what is no file, or is not there, is said by its path', async () => {
    mkdirSync(world.path('/etc/strange/folder.pem'));
    await expect(watch({ certificatePath: '/etc/strange/folder.pem' })).rejects.toMatchObject({ reason: 'not_a_file' });
    const path = '/etc/strange/none.pem';
    await expect(watch({ keyPath: path })).rejects.toMatchObject({ reason: 'file_missing', params: { path } });
  });
});
