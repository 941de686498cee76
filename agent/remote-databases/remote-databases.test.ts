import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { remoteDatabasesPutServer } from '#shared/agent/remote-databases.ts';
import { newChangeId } from '../testing/world.ts';
import { checkAuthority } from './place.ts';
import { whyUnreached } from './probe.ts';

const facts = {
  serverId: newChangeId(),
  isNew: true,
  isTrial: false,
  engine: 'mariadb',
  name: 'far',
  host: 'db.example.com',
  port: 3306,
  user: 'admin',
  password: 'long enough',
  tls: 'verify',
  authority: null,
  usersFrom: 'here',
};
const isTaken = (more: object): boolean => remoteDatabasesPutServer.params.safeParse({ ...facts, ...more }).success;

it('SQL-2 a server elsewhere is a name or an address, and its administrator a plain name', () => {
  for (const host of [
    'db.example.com',
    'db',
    'localhost',
    '192.0.2.7',
    '2001:db8::1',
    '::1',
    'xn--mgbh0fb.example',
    'a_b.c',
  ])
    expect(isTaken({ host }), host).toBe(true);
  for (const host of [
    '',
    '-h',
    '--host=x',
    '-hevil',
    "db'",
    'db"',
    'db`',
    'db\n',
    'db\0',
    'db evil',
    'db,evil',
    'db;evil',
    '[::1]',
    'fe80::1%eth0',
    '/run/mysqld/mysqld.sock',
    '@abstract',
    './socket',
    'postgresql://db/x',
    'db:3306',
    'db/x',
    'host=db',
    '2130706433',
    '0x7f.1',
    '127.1',
    '192.0.2.256',
    'db-.example',
    '.example',
    'example.',
    'قاعدة.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}b`,
  ])
    expect(isTaken({ host }), JSON.stringify(host)).toBe(false);
  for (const port of [0, -1, 65_536, 1.5, '3306', Number.NaN]) expect(isTaken({ port }), String(port)).toBe(false);
  for (const user of ['', '-u', "a'b", 'a"b', 'a`b', 'a\nb', 'a\0b', 'a b', 'a\\b', '--user', 'a'.repeat(81)])
    expect(isTaken({ user }), JSON.stringify(user)).toBe(false);
  for (const password of ['', 'a\nb', 'a\0b', 'a\rb', 'x'.repeat(257)])
    expect(isTaken({ password }), JSON.stringify(password)).toBe(false);
  expect(isTaken({ password: `a'b"c\\d%e#f:g` })).toBe(true);
  for (const authority of ['/etc/ssl/ca.pem', '', 'x'.repeat(70_000), '-----BEGIN PRIVATE KEY-----\nAAAA'])
    expect(isTaken({ authority }), authority.slice(0, 40)).toBe(false);
  expect(isTaken({ tls: 'require' })).toBe(false);
  expect(isTaken({ more: 1 })).toBe(false);
  expect(() => checkAuthority('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toThrow(
    /certificates/,
  );
});

it('FAULT-1 a server that answers nothing, or nonsense, keeps nobody waiting for ever', async () => {
  for (const [talk, reason] of [
    [() => undefined, 'remote_server_silent'],
    [(socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'remote_server_kind'],
    // A greeting that promises more than it says.
    [(socket: Socket) => socket.write(Buffer.from('ffffff000a31302e36', 'hex')), 'remote_server_kind'],
  ] as const) {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      talk(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    const port = typeof at === 'object' && at !== null ? at.port : 0;
    const place = { host: 'db.example.com', address: '127.0.0.1', port, tls: 'verify', authority: null } as const;
    expect((await whyUnreached({ engine: 'mariadb', ...place }, 60))?.reason).toBe(reason);
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
