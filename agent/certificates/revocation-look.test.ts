import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOcspAuthority, type OcspAuthority } from '#server/core/testing/ocsp.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, newChangeId, type World } from '../testing/world.ts';
import { certificatesHandlers } from './certificates.actions.ts';
import { listOf, listWord } from './crl.ts';
import { lookForRevocations } from './revocation-look.ts';
import { lastLook, noteLook } from './revocation-state.ts';

const day = 86_400_000;

describe('what authorities have taken back', () => {
  let world: World;
  let machine: Machine;
  let authority: OcspAuthority;
  const [good, revoked] = [newChangeId(), newChangeId()];
  beforeAll(async () => {
    world = await makeWorld();
    machine = await openMachine(world.settings);
    authority = await openOcspAuthority('DNS:one.test');
    mkdirSync(world.path('/etc/ssl/certs'), { recursive: true });
    writeFileSync(world.path('/etc/ssl/certs/ca-certificates.crt'), authority.ca);
    for (const [certificateId, pair] of [
      [good, authority.good],
      [revoked, authority.revoked],
    ] as const)
      await certificatesHandlers['certificates.put'](
        machine,
        { certificateId, changeId: newChangeId(), isNew: true, name: '', ...pair },
        call(),
      );
  });
  afterAll(async () => {
    await machine.settled();
    machine.close();
    authority.stop();
    world.destroy();
  });
  const shown = async (certificateId: string) =>
    (await certificatesHandlers['certificates.list'](machine, {}, call())).items.find(({ id }) => id === certificateId);
  const choose = (certificateId: string) =>
    certificatesHandlers['certificates.choose_for_panel'](machine, { certificateId, followedId: null }, call());

  it('TLS-3 the daily look asks each authority; what one took back is shown and stands against who uses it', async () => {
    expect([(await shown(revoked))?.revoked, (await shown(revoked))?.trouble]).toEqual([null, null]);
    await choose(revoked);
    await lookForRevocations(world.settings, authority.reach);
    expect([(await shown(good))?.revoked, (await shown(revoked))?.revoked?.reason]).toEqual([null, 'unspecified']);
    expect(await shown(revoked)).toMatchObject({ trouble: { kind: 'revoked' } });
    // An authority that is away takes no word back.
    await lookForRevocations(world.settings, { ...authority.reach, isAllowed: () => false });
    expect((await shown(revoked))?.revoked).not.toBeNull();
    // Another version begins without.
    const { certificate, key } = authority.good;
    await certificatesHandlers['certificates.put'](
      machine,
      { certificateId: revoked, changeId: newChangeId(), isNew: false, name: '', certificate, key },
      call(),
    );
    expect(await shown(revoked)).toMatchObject({ revoked: null, trouble: null });
  });

  it('the time of the last look is kept', async () => {
    expect(lastLook(machine)).toBe(0);
    await noteLook(machine, 5);
    expect(lastLook(machine)).toBe(5);
  });
});

it('TLS-3 a list of what was taken back counts when the authority signed it, for its own certificates, and now', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-crl-'));
  try {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    for (const name of ['ca', 'other'])
      openssl('req', '-x509', ...newKey, '-days', '30', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', name);
    write('ext', 'subjectAltName=DNS:one.test\ncrlDistributionPoints=URI:http://lists.test/7.crl\n');
    for (const [name, serial] of [
      ['kept', '0x90'],
      ['taken', '0x91'],
    ] as const) {
      openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      const by = ['-CA', 'ca', '-CAkey', 'ca.key', '-set_serial', serial, '-days', '30', '-extfile', 'ext'];
      openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', name);
    }
    write('index.txt', 'R\t300101000000Z\t260101000000Z\t91\tunknown\t/CN=taken\n');
    write('ca.cnf', '[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=7\n');
    const makeList = (by: string): Buffer => {
      openssl('ca', '-config', 'ca.cnf', '-gencrl', '-cert', by, '-keyfile', `${by}.key`, '-out', 'list.pem');
      openssl('crl', '-in', 'list.pem', '-outform', 'DER', '-out', 'list');
      return readFileSync(join(folder, 'list'));
    };
    const read = (name: string) => new X509Certificate(readFileSync(join(folder, name)));
    const issuer = read('ca');
    const list = makeList('ca');
    const word = (name: string, days = 0, of = list) =>
      listWord(of, { leaf: read(name), issuer }, Date.now() + days * day);
    expect(listOf(read('kept'))).toBe('http://lists.test/7.crl');
    expect(listOf(issuer)).toBeUndefined();
    expect([word('kept'), word('taken')]).toEqual(['good', 'revoked']);
    expect([word('taken', 8), word('taken', -1), word('taken', 0, makeList('other'))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    for (const size of [0, 1, 20, list.length - 1]) expect(word('taken', 0, list.subarray(0, size))).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
