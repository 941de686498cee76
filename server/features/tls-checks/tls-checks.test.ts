import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Site } from '#shared/sites.ts';
import { checkedPorts } from '#shared/tls-check.ts';
import { isPublicAddress } from '#shared/public-address.ts';
import { withCertificates } from '../../core/testing/certificates.ts';
import { checkTls } from '../../core/tls-check.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { createTestSite } from '../sites/testing.ts';
import { checkPublicHost, checkSite } from './tls-checks.logic.ts';

const path = '/api/v1/tls-checks';
const pair = withCertificates((make) => make.selfSigned('DNS:shop.test,DNS:www.shop.test', 30));

let test: TestApp;
let owner: TestClient;
let server: Server;
let port = 0;
const seen: { name: string | false; host: string | undefined }[] = [];
beforeAll(async () => {
  test = await makeTestApp();
  owner = await test.signIn();
  server = createServer({ cert: pair.certificate, key: pair.key, maxVersion: 'TLSv1.2' }, (request, response) => {
    const { servername } = request.socket as unknown as { servername: string | false };
    seen.push({ name: servername, host: request.headers.host });
    response.setHeader('strict-transport-security', 'max-age=63072000').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await test.close();
});

it('whoever may not change certificates checks no host, and a site of others is not there', async () => {
  const body = { host: 'example.com' };
  expect((await test.anonymous.post(path, body)).status).toBe(401);
  expect((await (await test.signIn('viewer')).post(path, body)).status).toBe(403);
  const { site } = await createTestSite(owner, ['own.test']);
  const manager = await test.signIn('site_manager', { siteIds: [] });
  expect((await manager.post(`/api/v1/sites/${site.id}/tls-check`)).status).toBe(404);
  const plain = await owner.post(`/api/v1/sites/${site.id}/tls-check`);
  expect([plain.status, plain.json]).toMatchObject([409, { reason: 'site_without_https' }]);
});

it('OUT-5 what lies in this network is not asked, however its address is written, nor are other ports', async () => {
  const asker = await test.signIn();
  for (const host of [
    'localhost',
    'ip6-localhost',
    '127.1',
    '0x7f.1',
    '169.254.169.254',
    '[::1]',
    'http://a.test',
    'a b',
  ])
    expect([host, (await asker.post(path, { host })).status]).toEqual([host, 400]);
  const closed = await asker.post(path, { host: 'example.com', port: 22 });
  expect(closed.json).toMatchObject({ fields: [{ field: 'port', code: 'tls_check_port' }] });
  expect(checkedPorts).not.toContain(22);
  // Each kind of special address, and IPv4 in all the clothes of IPv6.
  const inner =
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.31.0.1 192.0.0.192 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255 ' +
    ':: ::1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::a00:1 2002:a00:1:: 2001:0:1:: fc00::1 fd00:ec2::254 fe80::1 ff02::1 2001:db8::1 x';
  for (const address of inner.split(' ')) expect([address, isPublicAddress(address)]).toEqual([address, false]);
  for (const address of ['1.1.1.1', '172.32.0.1', '192.0.1.1', '2606:4700::1111', '2a00:1450::1'])
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
});

it('OUT-5 one inner address among public ones spoils the name, and nobody is asked', async () => {
  const resolve = () => Promise.resolve(['1.1.1.1', '10.0.0.1']);
  await expect(checkPublicHost({ host: 'mixed.test', port }, { now: 0, resolve })).rejects.toMatchObject({
    fields: [{ field: 'host', code: 'tls_check_address' }],
  });
});

it('OUT-5 the address that was looked at is the one that is asked, by the name that was given', async () => {
  const answers = [['127.0.0.1'], ['10.0.0.1']];
  const resolve = () => Promise.resolve(answers.shift() ?? []);
  const report = await checkPublicHost(
    { host: 'shop.test', port },
    { now: Date.now(), resolve, isAllowed: () => true },
  );
  expect(report).toMatchObject({
    host: 'shop.test',
    address: '127.0.0.1',
    grade: 'F',
    findings: ['self_signed', 'no_tls13'],
    versions: ['TLSv1.2'],
    hsts: 'max-age=63072000',
  });
  expect(answers).toHaveLength(1);
  expect(seen.at(-1)).toEqual({ name: 'shop.test', host: `shop.test:${port}` });
});

it('a site is asked of this server, whatever DNS says of its name', async () => {
  const site = { domains: [{ host: '*.shop.test', port: 80 }], tls: {} } as unknown as Site;
  const report = await checkSite(site, port, Date.now());
  expect(report).toMatchObject({ host: 'www.shop.test', certificate: { names: ['shop.test', 'www.shop.test'] } });
});

it('somebody who answers byte by byte, or never, keeps nobody', async () => {
  const silent = (await import('node:net')).createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port: at } = silent.address() as AddressInfo;
  const report = await checkTls({ host: 'x.test', address: '127.0.0.1', port: at }, 0, 50);
  expect(report).toMatchObject({ grade: null, findings: ['unreachable'], certificate: null });
  silent.close();
});

it('who asks too often waits, and others do not', async () => {
  const eager = await test.signIn();
  const statuses: number[] = [];
  for (let count = 0; count < 11; count++) statuses.push((await eager.post(path, { host: 'localhost' })).status);
  expect(statuses).toEqual([...Array<number>(10).fill(400), 429]);
  expect((await owner.post(path, { host: 'localhost' })).status).toBe(400);
});
