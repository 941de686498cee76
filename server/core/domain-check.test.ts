import { createSocket, type Socket } from 'node:dgram';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressesOf, checkNames, type Answer } from './domain-check.ts';
import { withCertificates } from './testing/certificates.ts';

/*
 * Addresses of loopback stand for machines: 127.0.0.2 is a CDN that leads here, .3 one that lets nobody in over plain HTTP, .4
 * another server, .5 one that never ends its answer; nobody is at .6.
 */

const marker = 'a'.repeat(32);
const pair = withCertificates((make) => make.selfSigned('DNS:shop.example.com', 30));
const asked: { at: string; host: string | undefined; url: string | undefined }[] = [];
const servers: Server[] = [];
const ports = { http: 0, https: 0 };
let names: Socket;
let nameServer = '';

const answering =
  (at: string, answer: RequestListener): RequestListener =>
  (request, response) => {
    asked.push({ at, host: request.headers.host, url: request.url });
    answer(request, response);
  };

async function open(server: Server, address: string, port: number): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return (server.address() as AddressInfo).port;
}

const leading: RequestListener = ({ url = '' }, response) =>
  url.startsWith(`/.well-known/aapanel/${marker}?`) ? response.end(marker) : response.writeHead(404).end();

beforeAll(async () => {
  ports.http = await open(createServer(answering('2', leading)), '127.0.0.2', 0);
  const redirecting: RequestListener = (_, response) =>
    response.writeHead(301, { location: 'http://127.0.0.9/' }).end();
  await open(createServer(answering('3', redirecting)), '127.0.0.3', ports.http);
  const secure = createSecureServer({ cert: pair.certificate, key: pair.key }, answering('3s', leading));
  ports.https = await open(secure, '127.0.0.3', 0);
  await open(createServer(answering('4', (_, response) => response.end('x'.repeat(10_000)))), '127.0.0.4', ports.http);
  await open(createServer(answering('5', (_, response) => response.write(marker))), '127.0.0.5', ports.http);
  names = createSocket('udp4');
  names.on('message', (question, { port, address }) => {
    const answer = answerTo(question);
    if (answer !== undefined) names.send(answer, port, address);
  });
  await new Promise<void>((resolve) => names.bind(0, '127.0.0.1', resolve));
  nameServer = `127.0.0.1:${names.address().port}`;
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  names.close();
});

/** The first label of a name says what becomes of its A and its AAAA record: `ok-none`, `fail-ok` …; undefined: no answer. */
function answerTo(question: Buffer): Buffer | undefined {
  const end = question.indexOf(0, 12) + 5;
  const label = question.subarray(13, 13 + (question[12] ?? 0)).toString();
  const isV4 = question.readUInt16BE(end - 4) === 1;
  const fate = label.split('-')[isV4 ? 0 : 1];
  if (fate === 'mute') return undefined;
  const data = isV4 ? Buffer.from([127, 0, 0, 2]) : Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
  const record = Buffer.concat([Buffer.from([0xc0, 12, 0, isV4 ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, data.length]), data]);
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(0x8180 | (fate === 'fail' ? 2 : fate === 'nx' ? 3 : 0), 2);
  head.writeUInt16BE(fate === 'ok' ? 1 : 0, 6);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, question.subarray(12, end), ...(fate === 'ok' ? [record] : [])]);
}

const check = async (answers: Record<string, Answer>, more: Parameters<typeof checkNames>[2] = {}, known?: string) =>
  await checkNames(
    Object.keys(answers).map((host) => ({ host, isOfWeb: true })),
    known ?? marker,
    {
      resolve: (host) => Promise.resolve(answers[host] ?? 'silent'),
      own: ['192.0.2.1', '2001:db8::1'],
      isAllowed: () => true,
      ports,
      patienceMs: 300,
      ...more,
    },
  );
const at = (...last: number[]): Answer => ({ addresses: last.map((each) => `127.0.0.${each}`) });
const shown = (checks: Awaited<ReturnType<typeof check>>) =>
  checks.map(({ host, state, addresses }) => [host.split('.')[0], state, ...addresses.map((each) => each.state)]);

it('a name leads here by an address of this machine, or where only this site answers behind another one', async () => {
  const found = await check({
    'own.example.com': { addresses: ['192.0.2.1', '2001:DB8:0::1'] },
    'cdn.example.com': at(2),
    'secure.example.com': at(3),
    'other.example.com': at(4),
    'endless.example.com': at(5),
    'nobody.example.com': at(6),
    'both.example.com': { addresses: ['192.0.2.1', '127.0.0.4'] },
    'absent.example.com': 'absent',
    'mute.example.com': 'silent',
  });
  expect(shown(found)).toEqual([
    ['own', 'here', 'own', 'own'],
    ['cdn', 'here', 'served'],
    ['secure', 'here', 'served'],
    ['other', 'elsewhere', 'other'],
    ['endless', 'elsewhere', 'other'],
    ['nobody', 'elsewhere', 'silent'],
    ['both', 'partly', 'own', 'other'],
    ['absent', 'none'],
    ['mute', 'no_answer'],
  ]);
  // By the name that was looked up, past caches, and nobody is followed elsewhere.
  expect(asked.filter(({ at: place }) => place === '2' || place === '3s').map(({ host }) => host)).toEqual(
    expect.arrayContaining(['cdn.example.com', 'secure.example.com']),
  );
  expect(new Set(asked.map(({ url }) => url)).size).toBe(asked.length);
  const cloudflare = await check({ 'cf.example.com': { addresses: ['104.16.1.1'] } }, { isAllowed: () => false });
  expect(cloudflare[0]?.addresses).toEqual([{ address: '104.16.1.1', state: 'inner', isCloudflare: true }]);
});

it('OUT-5 nobody in an inner network is asked, nor on another port, nor where the site has nothing to be known by', async () => {
  const before = asked.length;
  const { isAllowed: _isAllowed, ...usual } = { isAllowed: undefined };
  const inner = await checkNames([{ host: 'a.example.com', isOfWeb: true }], marker, {
    ...usual,
    ports,
    own: [],
    resolve: () => Promise.resolve({ addresses: ['127.0.0.2', '10.0.0.1', '169.254.169.254', '::1'] }),
  });
  expect(shown(inner)).toEqual([['a', 'elsewhere', 'inner', 'inner', 'inner', 'inner']]);
  const parts = { resolve: () => Promise.resolve(at(2)), own: [], isAllowed: () => true, ports };
  const elsewhere = await checkNames([{ host: 'b.example.com', isOfWeb: false }], marker, parts);
  const unknown = await checkNames([{ host: 'c.example.com', isOfWeb: true }], undefined, parts);
  expect([...shown(elsewhere), ...shown(unknown)]).toEqual([
    ['b', 'elsewhere', 'unproven'],
    ['c', 'elsewhere', 'unproven'],
  ]);
  expect(asked.length).toBe(before);
});

it('names that the public DNS never has are told to nobody; a wildcard is asked for by a name below it', async () => {
  const looked: string[] = [];
  const parts = {
    own: ['192.0.2.1'],
    resolve: (host: string) => {
      looked.push(host);
      return Promise.resolve({ addresses: ['192.0.2.1'] });
    },
  };
  const hosts = [
    'shop',
    'a.test',
    'nas.local',
    'x.internal',
    'router.home.arpa',
    'a.localhost',
    'b.onion',
    '*.wide.test',
  ];
  const inside = await checkNames(
    hosts.map((host) => ({ host, isOfWeb: true })),
    marker,
    parts,
  );
  expect(new Set(inside.map(({ state }) => state))).toEqual(new Set(['unasked']));
  expect(looked).toEqual([]);
  const [wide] = await checkNames([{ host: '*.wide.example.com', isOfWeb: true }], marker, parts);
  expect(wide).toMatchObject({ host: '*.wide.example.com', state: 'here' });
  expect(looked).toEqual([expect.stringMatching(/^[0-9a-f]{8}\.wide\.example\.com$/)]);
});

it('both families are asked of a name server; what it lacks differs from what it does not say, and nobody waits for it', async () => {
  const look = (label: string, signal = AbortSignal.timeout(5_000)) =>
    addressesOf(`${label}.example.com`, signal, [nameServer]);
  expect(await look('ok-ok')).toEqual({ addresses: ['127.0.0.2', '::1'] });
  expect(await look('ok-none')).toEqual({ addresses: ['127.0.0.2'] });
  expect(await look('fail-ok')).toEqual({ addresses: ['::1'] });
  expect(await look('nx-nx')).toBe('absent');
  expect(await look('none-none')).toBe('absent');
  expect(await look('none-fail')).toBe('silent');
  const begun = performance.now();
  expect(await look('mute-mute', AbortSignal.timeout(50))).toBe('silent');
  expect(await look('ok-ok', AbortSignal.abort())).toBe('silent');
  expect(performance.now() - begun).toBeLessThan(1_900);
});
