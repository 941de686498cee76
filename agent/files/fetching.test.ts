import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createRaw, type AddressInfo, type Server as RawServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { isPublicAddress } from '#shared/public-address.ts';
import { fileFetch, type FileFetch } from '#shared/file-fetch.ts';
import { newChangeId } from '../testing/world.ts';
import { nameOfAnswer } from './fetch-name.ts';
import { nextAddress, publicReach } from './fetch-open.ts';
import type { FetchWays } from './fetching.ts';
import { createLongWork } from './work.ts';

let folder: string;
let root: number;
const servers: (Server | RawServer)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-fetch-'));
  mkdirSync(`${folder}/في`);
  root = openSync(folder, 'r');
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
});
afterAll(() => {
  closeSync(root);
  rmSync(folder, { recursive: true });
});

async function portOf(server: Server | RawServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}
const serve = async (listener: RequestListener): Promise<number> => await portOf(createServer(listener));
/** Says just this, and then what `more` says. */
const say = async (text: string, more?: (write: (piece: Buffer | string) => boolean) => void): Promise<number> =>
  await portOf(
    createRaw((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(text);
        if (more === undefined) socket.end();
        else more((piece) => !socket.destroyed && socket.write(piece));
      });
    }),
  );

/** As on the internet, but that this machine is taken for a public one where a name leads to it. */
const here: Partial<FetchWays> = {
  reach: {
    resolve: async (host) => (host.endsWith('.test') ? ['127.0.0.1'] : await publicReach.resolve(host)),
    isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address),
  },
};

type Wish = Partial<FileFetch> & { readonly address: string };
async function fetched({ ...wish }: Wish, ways: Partial<FetchWays> = here): Promise<string[]> {
  const whole = { into: '', name: 'file', sha256: null, mostBytes: 1_000_000, onConflict: 'refuse' as const, ...wish };
  const work = createLongWork(root, ways);
  const { paths } = await work.work({ workId: newChangeId(), by: 'sara', wish: { kind: 'fetch', ...whole } });
  return paths;
}
/** Why it failed; and nothing of it is left. */
async function failure(wish: Wish, ways?: Partial<FetchWays>): Promise<unknown> {
  const before = readdirSync(folder).filter((name) => name !== '.aapanel-bin');
  const error = await fetched(wish, ways).then(
    (paths) => ({ reason: `made ${paths.join()}` }),
    (reason: unknown) => reason,
  );
  expect(readdirSync(folder).filter((name) => name !== '.aapanel-bin')).toEqual(before);
  if (existsSync(`${folder}/.aapanel-bin/fetched`)) expect(readdirSync(`${folder}/.aapanel-bin/fetched`)).toEqual([]);
  return error;
}

it('FILE-2 a file of another server comes whole into its folder, by its own name or a given one, and only when its sum is right', async () => {
  const bytes = Buffer.alloc(700_000, 'كتاب');
  const sum = createHash('sha256').update(bytes).digest('hex');
  const port = await serve((request, response) => {
    if (request.url === '/latest') return void response.writeHead(302, { location: '/v2/book.pdf' }).end();
    response.writeHead(200, request.url?.endsWith('x') === true ? {} : { 'content-length': bytes.length }).end(bytes);
  });
  const address = `http://files.test:${port}/latest`;
  expect(await fetched({ address, into: 'في', name: null, sha256: sum })).toEqual(['في/book.pdf']);
  expect(readFileSync(`${folder}/في/book.pdf`).equals(bytes)).toBe(true);
  // What is taken is refused before anybody is asked; or kept, or put in the bin.
  expect(await failure({ address, into: 'في', name: 'book.pdf' })).toMatchObject({ reason: 'file_exists' });
  expect(await failure({ address, into: 'في', name: null })).toMatchObject({ reason: 'file_exists' });
  expect(await fetched({ address, into: 'في', name: null, onConflict: 'rename' })).toEqual(['في/book (2).pdf']);
  writeFileSync(`${folder}/old`, 'old');
  expect(await fetched({ address: `${address}x`, name: 'old', onConflict: 'replace' })).toEqual(['old']);
  expect(readFileSync(`${folder}/old`).equals(bytes)).toBe(true);
  rmSync(`${folder}/old`);
  expect(await failure({ address, sha256: 'a'.repeat(64) })).toMatchObject({ reason: 'file_fetch_hash' });
  symlinkSync('/tmp', `${folder}/out`);
  expect(await failure({ address, into: 'out' })).toMatchObject({ reason: 'file_gone' });
});

it('FILE-2 OUT-5 nothing is fetched from this machine, its networks or the clouds’ own addresses, however they are written, named or led to', async () => {
  for (const host of [
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    'localhost',
  ])
    expect(await failure({ address: `http://${host}:1/` }, {}), host).toMatchObject({ reason: 'file_fetch_address' });
  const lead: string[] = [];
  const port = await serve((_, response) => void response.writeHead(307, { location: lead.shift() ?? '/' }).end());
  const address = `http://files.test:${port}/`;
  for (const to of [
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::1]:8080/',
    '//10.0.0.1/',
  ]) {
    lead.push(to);
    expect(await failure({ address }), to).toMatchObject({ reason: 'file_fetch_address' });
  }
  for (const to of ['file:///etc/passwd', 'ftp://files.test/', 'http://me:word@files.test/', 'http://[/']) {
    lead.push(to);
    expect(await failure({ address }), to).toMatchObject({ reason: 'file_fetch_redirect' });
  }
  expect(await failure({ address })).toMatchObject({ reason: 'file_fetch_redirects', params: { most: 5 } });
  expect(() => nextAddress(new URL('https://a.test/x'), 'http://a.test/x')).toThrow();
  expect(nextAddress(new URL('http://a.test/x'), Buffer.from('https://a.test/ص').toString('latin1')).href).toBe(
    'https://a.test/%D8%B5',
  );
  // One inner address among public ones spoils the name.
  const mixed = { ...here, reach: { ...publicReach, resolve: () => Promise.resolve(['1.1.1.1', '127.0.0.1']) } };
  expect(await failure({ address }, mixed)).toMatchObject({ reason: 'file_fetch_address' });
  for (const wrong of ['ftp://a.test/', 'http://a:b@a.test/', 'http://a.test/\r\nx', 'a.test', 'http://'])
    expect(
      fileFetch.safeParse({ address: wrong, into: '', name: 'x', sha256: null, onConflict: 'refuse' }).success,
    ).toBe(false);
});

it('FILE-2 OUT-5 a name that changes what it leads to is asked once for each step, and the connection is made to what was looked at', async () => {
  const inner = await serve((_, response) => void response.end('the secret of this machine'));
  // The same port at another address of this machine, which stands for the one that was looked at.
  const outer = createServer((_, response) => void response.end('public'));
  servers.push(outer);
  await new Promise<void>((resolve) => outer.listen(inner, '127.0.0.9', resolve));
  const answers = ['127.0.0.9', '127.0.0.1', '127.0.0.1'];
  let asked = 0;
  const reach = {
    resolve: () => Promise.resolve([answers[asked++] ?? '127.0.0.1']),
    isAllowed: (address: string) => address === '127.0.0.9',
  };
  await fetched({ address: `http://rebind.test:${inner}/`, name: 'bound' }, { reach });
  expect([readFileSync(`${folder}/bound`, 'utf8'), asked]).toEqual(['public', 1]);
  expect(await failure({ address: `http://rebind.test:${inner}/` }, { reach })).toMatchObject({
    reason: 'file_fetch_address',
  });
});

it('FILE-2 a body without an end, too long, too slow, cut off or wrong in its length puts nothing in place, and nothing of it is left', async () => {
  const endless = await say('HTTP/1.1 200 OK\r\n\r\n', (write) => {
    const piece = Buffer.alloc(65_536);
    const go = (): void => {
      if (write(piece)) setImmediate(go);
      else setTimeout(go, 1);
    };
    go();
  });
  const at = (port: number): Wish => ({ address: `http://files.test:${port}/x` });
  expect(await failure(at(endless))).toMatchObject({ reason: 'file_fetch_large', params: { mostBytes: 1_000_000 } });
  const long = await say('HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n', () => undefined);
  expect(await failure(at(long))).toMatchObject({ reason: 'file_fetch_large' });
  const roomOf = (): number => 1_000;
  const short = await say('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nonly this');
  expect(await failure(at(short), { ...here, roomOf })).toMatchObject({
    reason: 'file_fetch_room',
    params: { freeBytes: 1_000 },
  });
  expect(await failure(at(short))).toMatchObject({ reason: 'file_fetch_cut', params: { receivedBytes: 9 } });
  const chunks = await say('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
  expect(await failure(at(chunks))).toMatchObject({ reason: 'file_fetch_cut' });
  const drip = await say('HTTP/1.1 200 OK\r\n\r\n', (write) => {
    const timer = setInterval(() => write('.') || clearInterval(timer), 5);
  });
  expect(await failure(at(drip), { ...here, spanMs: 40 })).toMatchObject({ reason: 'file_fetch_slow' });
  expect(await failure(at(drip), { ...here, leastBytes: 0, wholeMs: 40 })).toMatchObject({ reason: 'file_fetch_time' });
  const silent = await say('HTTP/1.1 200', () => undefined);
  expect(await failure(at(silent), { ...here, answerMs: 40 })).toMatchObject({ reason: 'file_fetch_unreachable' });
  const refused = await say('HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nsecret');
  const told = await failure(at(refused));
  expect(told).toMatchObject({ reason: 'file_fetch_status', params: { status: 403 } });
  expect(JSON.stringify(told)).not.toContain('secret');
  const heads = await say(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(5_000)}`, () => undefined);
  expect(await failure(at(heads))).toMatchObject({ reason: 'file_fetch_unreachable' });
  expect(await failure({ address: 'http://nobody.invalid/' })).toMatchObject({ reason: 'file_fetch_lookup' });
  // Cancelled, and left by one that was killed.
  const work = createLongWork(root, here);
  const workId = newChangeId();
  const wish = { into: '', name: 'file', sha256: null, mostBytes: 1e12, onConflict: 'refuse' as const, ...at(endless) };
  const going = work.work({ workId, by: 'sara', wish: { kind: 'fetch', ...wish } });
  going.catch(() => undefined);
  await expect.poll(async () => (await work.workState({ workId }))?.bytes ?? 0).toBeGreaterThan(100_000);
  mkdirSync(`${folder}/.aapanel-bin/fetched/${newChangeId()}`);
  await work.sweepFetched();
  expect(readdirSync(`${folder}/.aapanel-bin/fetched`)).toEqual([workId]);
  await work.workEnd();
  await expect(going).rejects.toMatchObject({ reason: 'file_work_stopped' });
  expect(readdirSync(`${folder}/.aapanel-bin/fetched`)).toEqual([]);
});

it('FILE-2 a full disk while a file comes is told, and nothing of it is left', {
  skip: process.getuid?.() !== 0,
}, async () => {
  const small = mkdtempSync(join(tmpdir(), 'aapanel-fetch-small-'));
  execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  const fd = openSync(small, 'r');
  try {
    const port = await serve((_, response) => void response.end(Buffer.alloc(3_000_000)));
    const work = createLongWork(fd, { ...here, roomOf: () => 1e9 });
    const wish = { address: `http://files.test:${port}/x`, into: '', name: 'x', sha256: null, mostBytes: 1e9 };
    const asked = {
      workId: newChangeId(),
      by: 'sara',
      wish: { kind: 'fetch', onConflict: 'refuse', ...wish },
    } as const;
    await expect(work.work(asked)).rejects.toMatchObject({ reason: 'disk_full' });
    expect(readdirSync(`${small}/.aapanel-bin/fetched`)).toEqual([]);
  } finally {
    closeSync(fd);
    execFileSync('/usr/bin/umount', [small]);
    rmSync(small, { recursive: true });
  }
});

it('FILE-2 the name that a stranger’s server gives a file is one plain, visible name that nothing runs', () => {
  const url = new URL('https://files.test/a/%D9%83%D8%AA%D8%A7%D8%A8.pdf?x=/y.zip');
  const named = (value: string): string => nameOfAnswer(`attachment; filename=${value}`, url);
  expect(nameOfAnswer(undefined, url)).toBe('كتاب.pdf');
  expect(nameOfAnswer(undefined, new URL('https://files.test/'))).toBe('download');
  expect(nameOfAnswer(undefined, new URL('https://files.test/%2e%2e%2fetc%2fpasswd%00'))).toBe('passwd');
  expect(nameOfAnswer(undefined, new URL('https://files.test/%E0%A4%A'))).toBe('%E0%A4%A');
  expect(nameOfAnswer("attachment; filename=x; filename*=UTF-8''%D8%B5%D9%88%D8%B1%D8%A9.png", url)).toBe('صورة.png');
  expect(named(Buffer.from('"صورة.png"').toString('latin1'))).toBe('صورة.png');
  for (const [value, name] of [
    ['"../../etc/cron.d/x"', 'x'],
    ['"C:\\\\windows\\\\a.exe"', 'a.exe'],
    ['".htaccess"', 'htaccess'],
    ['"...user.ini"', 'user.ini'],
    ['"-rf"', 'rf'],
    ['"a\u0001b\u007f.zip"', 'ab.zip'],
    ['shell.php', 'shell.php.download'],
    ['"shell.PHP5. "', 'shell.PHP5.download'],
    ['a.phtml', 'a.phtml.download'],
    ['".."', 'كتاب.pdf'],
    ['""', 'كتاب.pdf'],
    ['"///"', 'كتاب.pdf'],
  ] as const)
    expect(named(value), value).toBe(name);
  expect(nameOfAnswer("a; filename*=UTF-8''gpj.%E2%80%AEexe%E2%80%A9%E2%80%8B", url)).toBe('gpj.exe');
  expect(nameOfAnswer("a; filename*=UTF-8''%2e%2e%2f%0a%00evil", url)).toBe('evil');
  const long = nameOfAnswer(`a; filename*=UTF-8''${'%D8%B7'.repeat(300)}.tar`, url);
  expect([Buffer.byteLength(long), long.slice(-5)]).toEqual([254, 'ط.tar']);
  expect(Buffer.byteLength(nameOfAnswer(`a; filename=${'a'.repeat(400)}.php`, url))).toBeLessThanOrEqual(255);
});
