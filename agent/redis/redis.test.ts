import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisElementChange, RedisKeys, RedisValue } from '#shared/redis.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { openRedis, type RedisLink } from '../databases/wire/redis.ts';
import { call, freePort, makeWorld, type World } from '../testing/world.ts';
import { readRedisConf } from './redis-conf.ts';
import { redisHandlers as handlers } from './redis.actions.ts';

const hasRedis = existsSync('/usr/bin/redis-server');
// What a configuration must quote.
const password = 'p "a\'s\\ \u00e9 word';
const quoted = `"${password.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;

const idOf = (name: Buffer | string): string => Buffer.from(name).toString('base64url');
const database = 3;

let world: World;
let machine: Machine;
let port: number;
const configure = (text: string): void => writeFileSync(world.path('/etc/redis/redis.conf'), text);
const find = (more: Partial<Parameters<(typeof handlers)['redis.find']>[1]> = {}): Promise<RedisKeys> =>
  handlers['redis.find'](machine, { database, pattern: '*', type: null, after: null, ...more }, call());
const read = (name: Buffer | string, after: string | null = null): Promise<RedisValue> =>
  handlers['redis.read'](machine, { database, key: idOf(name), after }, call());
const set = (name: Buffer | string, value: string, revision: string | null = null, ttlSeconds: number | null = null) =>
  handlers['redis.set'](machine, { database, key: idOf(name), value, revision, ttlSeconds }, call());
const state = async () => (await handlers['redis.server'](machine, {}, call())).state;

beforeAll(async () => {
  world = await makeWorld();
  port = await freePort();
  mkdirSync(world.path('/etc/redis'), { recursive: true });
  machine = await openMachine(world.settings);
});
afterAll(async () => {
  await machine?.settled();
  machine?.close();
  world?.destroy();
});

it('a configuration is read as Redis reads it: the last line counts, and quotes and escapes mean what they say', () => {
  configure(`# port 1\nport 1\n  PORT 6400\nrequirepass ${quoted}\nunixsocket '/run/a b.sock'\nbind 127.0.0.1\n`);
  expect(readRedisConf(world.prefix)).toEqual({ port: 6400, socketPath: '/run/a b.sock', password });
  configure('requirepass "a\\x41\\n"\nport 70000\n');
  expect(readRedisConf(world.prefix)).toEqual({ port: 0, socketPath: null, password: 'aA\n' });
});

describe.skipIf(!hasRedis)('a real Redis', () => {
  let server: ChildProcess;
  let link: RedisLink;

  beforeAll(async () => {
    expect(await state()).toBe('missing');
    mkdirSync(world.path('/usr/bin'), { recursive: true });
    symlinkSync('/usr/bin/redis-server', world.path('/usr/bin/redis-server'));
    const conf = `port ${port}\nbind 127.0.0.1\nsave ""\nlogfile ""\ndir ${world.prefix}\nrequirepass ${quoted}\n`;
    configure(conf);
    expect(await state()).toBe('stopped');
    server = spawn('/usr/bin/redis-server', [world.path('/etc/redis/redis.conf')], { stdio: 'ignore' });
    for (let round = 0; round < 200 && (await state()) !== 'running'; round += 1) await wait(25);
    link = await openRedis({ port });
    await link.ask([
      ['AUTH', password],
      ['SELECT', String(database)],
    ]);
  }, 30_000);
  afterAll(async () => {
    link?.close();
    if (server === undefined) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  });

  it('says its state, and comes in with its password only', async () => {
    await link.ask([
      ['SET', 'one', '1'],
      ['SET', 'two', '2', 'EX', '100'],
    ]);
    const found = await handlers['redis.server'](machine, {}, call());
    expect(found).toMatchObject({ state: 'running', isOpenToNetwork: false, version: expect.stringMatching(/^\d+\./) });
    expect(found.databases).toHaveLength(16);
    expect(found.databases[database]).toEqual({ database, keys: 2, expiring: 1 });
    configure(`port ${port}\nrequirepass wrong\n`);
    expect(await state()).toBe('other');
    await expect(find()).rejects.toMatchObject({ reason: 'redis_closed' });
    configure(`port ${port}\nrequirepass ${quoted}\n`);
    await expect(find({ database: 99 })).rejects.toMatchObject({ reason: 'redis_database_unknown' });
    await link.ask([['FLUSHDB']]);
  });

  it('finds every key once by pieces, by pattern and type, and never asks for all of them at once', async () => {
    await link.ask([['CONFIG', 'RESETSTAT']]);
    await link.ask(Array.from({ length: 2_500 }, (_, at) => ['SET', `page:${at}`, String(at)] as const));
    await link.ask([['LPUSH', 'pages', 'a']]);
    const names: string[] = [];
    let pages = 0;
    for (let after: string | null = null; ; pages += 1) {
      const page = await find({ after });
      expect(page.items.length).toBeLessThan(400);
      names.push(...page.items.map(({ name }) => name.text));
      if (page.next === null) break;
      after = page.next;
    }
    expect([new Set(names).size, pages > 5]).toEqual([2_501, true]);
    expect((await find({ pattern: 'page:249?' })).items.map(({ name }) => name.text).sort()).toEqual(
      Array.from({ length: 10 }, (_, at) => `page:${2_490 + at}`),
    );
    expect((await find({ pattern: 'page*', type: 'list' })).items).toMatchObject([
      { name: { text: 'pages' }, type: 'list' },
    ]);
    const [stats] = await link.ask([['INFO', 'commandstats']]);
    const text = (stats as { bytes: Buffer }).bytes.toString();
    expect(text).toContain('cmdstat_scan');
    expect(text).not.toContain('cmdstat_keys');
    await link.ask([['FLUSHDB']]);
  });

  it('DB-2 every printable character works in the password, in names of keys and in what they hold', async () => {
    const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('');
    const word = `${printable}é ${printable}`;
    await link.ask([['CONFIG', 'SET', 'requirepass', word]]);
    const asRedis = `"${word.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
    configure(`port ${port}\nrequirepass ${asRedis}\n`);
    expect(await state()).toBe('running');
    await set(word, word);
    expect((await find({ pattern: '*' })).items.map(({ id: found }) => found)).toEqual([idOf(word)]);
    expect(await read(word)).toMatchObject({ length: Buffer.byteLength(word), text: { text: word, isCut: false } });
    await link.ask([['CONFIG', 'SET', 'requirepass', password]]);
    configure(`port ${port}\nrequirepass ${quoted}\n`);
    expect(await state()).toBe('running');
    await link.ask([['FLUSHDB']]);
  });

  it('keys of any bytes are found, read, changed and deleted as themselves and never as a command', async () => {
    const odd = [
      Buffer.from('ff00fe', 'hex'),
      Buffer.from('a\r\nFLUSHALL\r\n'),
      Buffer.from('*1\r\n$8\r\nFLUSHALL\r\n'),
      Buffer.from('{"a": "b\'c"}'),
      Buffer.from('مفتاح \u202e طويل'),
      Buffer.alloc(1_024, 'k'),
    ];
    await link.ask([['SET', 'witness', 'here']]);
    for (const name of odd) await set(name, 'a\r\nFLUSHALL\r\n\0');
    const listed = new Map((await find()).items.map((item) => [item.id, item]));
    for (const name of odd) {
      expect(listed.get(idOf(name))?.type).toBe('string');
      expect((await read(name)).length).toBe(14);
    }
    expect(listed.get(idOf(odd[0] ?? ''))?.name).toEqual({ text: 'FF00FE', isBinary: true, length: 3, isCut: false });
    expect(listed.get(idOf(odd[5] ?? ''))?.name).toMatchObject({ isCut: true, length: 1_024 });
    const given = { database, keys: odd.map(idOf) };
    expect(await handlers['redis.delete'](machine, given, call())).toEqual({ deleted: odd.length });
    // Longer than anybody may ask for: it is shown, and that is all.
    await link.ask([['SET', Buffer.alloc(5_000_000, 'n'), 'x']]);
    const items = (await find()).items;
    expect(items.find(({ id }) => id === null)).toMatchObject({ name: { length: 5_000_000, isCut: true } });
    expect(items.find(({ name }) => name.text === 'witness')).toBeDefined();
    await link.ask([['FLUSHDB']]);
  });

  it('a value of any kind and size is read by pieces, and long parts by their beginning', async () => {
    const text = 'قهوة☕'.repeat(20_000);
    await link.ask([
      ['SET', 'text', text],
      ['SET', 'bytes', Buffer.alloc(100_000, 0xff)],
      ['HSET', 'hash', 'field', 'v', 'long', Buffer.alloc(3_000_000, 'x')],
      ['SADD', 'set', 'a', 'b'],
      ['RPUSH', 'list', ...Array.from({ length: 250 }, (_, at) => `e${at}`)],
      ['ZADD', 'zset', '1.5', 'a', '-inf', Buffer.from([0])],
      ['XADD', 'stream', '*', 'a', 'b'],
    ]);
    let whole = '';
    for (let after: string | null = null; ; ) {
      const piece = await read('text', after);
      expect(piece).toMatchObject({ revision: null, text: { isBinary: false } });
      whole += piece.text?.text ?? '';
      if (piece.next === null) break;
      after = piece.next;
    }
    expect(whole === text).toBe(true);
    const bytes = await read('bytes');
    expect([bytes.text?.isBinary, bytes.text?.text.length, bytes.next]).toEqual([true, 131_072, '65536']);
    const { entries } = await read('hash');
    const long = entries.find(({ field }) => field?.text === 'long');
    expect(long?.value).toMatchObject({ length: 3_000_000, isCut: true });
    expect(long?.value.text).toHaveLength(2_048);
    expect((await read('set')).entries.map(({ value }) => value.text).sort()).toEqual(['a', 'b']);
    const last = await read('list', (await read('list', '100')).next);
    expect([last.entries.length, last.entries.at(-1)?.value.text, last.next]).toEqual([50, 'e249', null]);
    expect((await read('zset')).entries).toMatchObject([
      { score: '-inf', value: { text: '00', isBinary: true } },
      { score: '1.5', value: { text: 'a' } },
    ]);
    for (let at = 1; at <= 150; at += 1)
      await link.ask([['XADD', 'events', `5-${at}`, 'at', String(at), 'word', 'قهوة']]);
    const newest = await read('events');
    expect(newest).toMatchObject({ type: 'stream', length: 150, next: '5-50' });
    expect(newest.entries[0]).toMatchObject({
      field: { text: '5-150' },
      value: { text: 'at: 150\nword: قهوة' },
      id: null,
    });
    const older = await read('events', newest.next);
    expect([older.entries.length, older.entries.at(-1)?.field?.text, older.next]).toEqual([50, '5-1', null]);
    await expect(read('nothing')).rejects.toMatchObject({ reason: 'redis_key_gone' });
    await link.ask([['FLUSHDB']]);
  });

  it('a string is made once, and replaced only while nobody else has changed it; its time to live stays', async () => {
    await set('word', 'one', null, 500);
    await expect(set('word', 'other')).rejects.toMatchObject({ reason: 'redis_key_exists' });
    const { revision } = await read('word');
    await set('word', 'two', revision);
    expect(await read('word')).toMatchObject({ text: { text: 'two' }, expiresInMs: expect.any(Number) });
    await expect(set('word', 'three', revision)).rejects.toMatchObject({ code: 'changed_meanwhile' });
    await link.ask([
      ['DEL', 'word'],
      ['LPUSH', 'word', 'a'],
    ]);
    await expect(set('word', 'three', revision)).rejects.toMatchObject({ reason: 'redis_key_changed' });
    const expire = (ttlSeconds: number | null, name = 'word') =>
      handlers['redis.expire'](machine, { database, key: idOf(name), ttlSeconds }, call());
    await expire(100);
    expect((await read('word')).expiresInMs).toBeGreaterThan(90_000);
    await expire(null);
    expect((await read('word')).expiresInMs).toBeNull();
    await expect(expire(null, 'nothing')).rejects.toMatchObject({ reason: 'redis_key_gone' });
    await link.ask([['CONFIG', 'SET', 'maxmemory', '1']]);
    await expect(set('more', 'x')).rejects.toMatchObject({ reason: 'redis_refused' });
    await link.ask([['CONFIG', 'SET', 'maxmemory', '0']]);
  });

  it('elements are added, changed and removed only while they are what was seen, whatever bytes they are', async () => {
    const odd = Buffer.from([0, 0xff, 13, 10]);
    await link.ask([
      ['HSET', 'h', 'name', 'one', odd, 'x'],
      ['RPUSH', 'l', 'a', 'b', 'a'],
      ['SADD', 's', odd, 'two'],
      ['ZADD', 'z', '1.5', odd, '2', 'b'],
    ]);
    const change = (key: string, given: RedisElementChange) =>
      handlers['redis.change_element'](machine, { database, key: idOf(key), change: given }, call());
    const of = async (key: string, text: string) => {
      const { entries } = await read(key);
      const found = entries.find(({ field, value }) => (field ?? value).text === text);
      return { id: found?.id ?? '', revision: found?.revision ?? '' };
    };
    const oddText = '00FF0D0A';
    const name = await of('h', 'name');
    await change('h', { kind: 'set', type: 'hash', ...name, value: 'two' });
    await expect(change('h', { kind: 'set', type: 'hash', ...name, value: 'late' })).rejects.toMatchObject({
      reason: 'redis_key_changed',
    });
    await change('h', { kind: 'remove', type: 'hash', ...(await of('h', oddText)) });
    await change('h', { kind: 'add', type: 'hash', field: '', value: '*1\r\n$8\r\nFLUSHALL\r\n' });
    await expect(change('h', { kind: 'add', type: 'hash', field: 'name', value: '' })).rejects.toMatchObject({
      reason: 'redis_element_exists',
    });
    const hash = (await read('h')).entries.map(({ field, value }) => [field?.text, value.text]);
    expect(hash).toEqual([
      ['name', 'two'],
      ['', '*1\r\n$8\r\nFLUSHALL\r\n'],
    ]);
    // The third of the list and not the first, although both are the same.
    const third = (await read('l')).entries[2];
    await change('l', { kind: 'remove', type: 'list', id: third?.id ?? '', revision: third?.revision ?? '' });
    await change('l', { kind: 'set', type: 'list', ...(await of('l', 'b')), value: 'c' });
    await change('l', { kind: 'add', type: 'list', at: 'head', value: 'first' });
    expect((await read('l')).entries.map(({ value }) => value.text)).toEqual(['first', 'a', 'c']);
    // Somebody else has moved the elements: the place has another one now.
    const moved = await of('l', 'c');
    await link.ask([['LPUSH', 'l', 'more']]);
    await expect(change('l', { kind: 'remove', type: 'list', ...moved })).rejects.toMatchObject({
      reason: 'redis_key_changed',
    });
    await change('s', { kind: 'remove', type: 'set', id: (await of('s', oddText)).id });
    await change('s', { kind: 'add', type: 'set', value: 'سارة' });
    expect((await read('s')).entries.map(({ value }) => value.text).sort()).toEqual(['two', 'سارة']);
    await change('z', { kind: 'set', type: 'zset', ...(await of('z', oddText)), score: '-inf' });
    await change('z', { kind: 'add', type: 'zset', value: 'c', score: '1e3' });
    await change('z', { kind: 'remove', type: 'zset', ...(await of('z', 'b')) });
    expect((await read('z')).entries.map(({ value, score }) => [value.text, score])).toEqual([
      [oddText, '-inf'],
      ['c', '1000'],
    ]);
    // Nothing is made of nothing, and nothing of another kind is touched.
    await expect(change('none', { kind: 'add', type: 'set', value: 'x' })).rejects.toMatchObject({
      reason: 'redis_key_gone',
    });
    await expect(change('s', { kind: 'add', type: 'list', at: 'head', value: 'x' })).rejects.toMatchObject({
      reason: 'redis_key_changed',
    });
  });

  it('one database is emptied, and no other', async () => {
    await link.ask([
      ['SELECT', '4'],
      ['SET', 'kept', '1'],
      ['SELECT', String(database)],
      ['SET', 'a', '1'],
    ]);
    expect((await handlers['redis.flush'](machine, { database }, call())).deleted).toBeGreaterThan(0);
    expect(await find()).toEqual({ items: [], next: null });
    expect((await find({ database: 4 })).items).toHaveLength(1);
  });
});

describe('something on the port of Redis that is none', () => {
  const sockets = new Set<Socket>();
  let fake: Server;
  let answer: (socket: Socket) => void;
  let heard = '';

  beforeAll(async () => {
    if (!existsSync(world.path('/usr/bin/redis-server'))) {
      mkdirSync(world.path('/usr/bin'), { recursive: true });
      writeFileSync(world.path('/usr/bin/redis-server'), '', { mode: 0o755 });
    }
    fake = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        answer(socket);
      });
    });
    const at = await freePort();
    await new Promise<void>((resolve) => fake.listen(at, '127.0.0.1', resolve));
    configure(`port ${at}\nrequirepass secret\n`);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    fake?.close();
  });

  it.each([
    ['talks HTTP', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'redis_away'],
    ['never ends a line', (socket: Socket) => void socket.write(`+${'a'.repeat(200_000)}`), 'redis_too_large'],
    ['promises a value without end', (socket: Socket) => void socket.write('$999999999999\r\n'), 'redis_too_large'],
    ['nests without end', (socket: Socket) => void socket.write('*1\r\n'.repeat(1_000)), 'redis_too_large'],
    [
      'answers with millions of things',
      (socket: Socket) => void socket.write(`*9999999\r\n${':1\r\n'.repeat(300_000)}`),
      'redis_too_large',
    ],
    ['hangs up in the middle', (socket: Socket) => socket.end('$10\r\nabc'), 'redis_away'],
  ])('one that %s is left', async (_, act, reason) => {
    answer = act;
    await expect(find()).rejects.toMatchObject({ reason });
  });

  it.skipIf(process.getuid?.() !== 0)('one of another user of this machine is told no password', async () => {
    const at = await freePort();
    configure(`port ${at}\nrequirepass top-secret\n`);
    // Becomes somebody else by itself: Node may lie where only root gets to.
    const script = `process.setgroups([]); process.setgid(65534); process.setuid(65534);
      require('node:net').createServer((s) => s.on('data', (d) => process.stdout.write(d))).listen(${at}, '127.0.0.1', () => console.log('up'))`;
    const stranger = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    let told = '';
    stranger.stdout?.on('data', (chunk: Buffer) => (told += chunk.toString()));
    for (let round = 0; round < 400 && !told.includes('up'); round += 1) await wait(10);
    await expect(find()).rejects.toMatchObject({ reason: 'redis_closed' });
    expect(await state()).toBe('other');
    const ended = new Promise((resolve) => stranger.once('exit', resolve));
    stranger.kill('SIGKILL');
    await ended;
    expect(told).toBe('up\n');
    expect(heard).toContain('secret');
  });
});
