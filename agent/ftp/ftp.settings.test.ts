import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ftpWish } from '#shared/ftp.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, type World } from '../testing/world.ts';
import { ftpHandlers as handlers } from './ftp.actions.ts';
import { ftpPaths } from './ftp.render.ts';
import { configureFtp } from './ftp.settings.ts';

let world: World;
let machine: Machine;
beforeEach(async () => {
  world = await makeWorld();
  for (const folder of ['etc/ssl/private', 'usr/sbin', 'bin']) mkdirSync(world.path(`/${folder}`), { recursive: true });
  write(
    '/etc/passwd',
    'root:x:0:0::/root:/bin/bash\nsara:x:1000:1000::/home/sara:/bin/bash\nomar:x:1001:1001::/:/bin/bash\n',
  );
  write('/etc/group', 'root:x:0:\nsara:x:1000:\nomar:x:1001:\n');
  write('/etc/shadow', 'root:$y$x:1::::::\nsara:$y$x:1::::::\nomar:!:1::::::\n');
  write('/etc/shells', '/bin/bash\n');
  write('/bin/bash', '');
  machine = await openMachine(world.settings);
});
afterEach(() => {
  machine.close();
  world.destroy();
});

function write(path: string, text: string): void {
  writeFileSync(world.path(path), text);
}
const read = (path: string): string => readFileSync(world.path(path), 'utf8');
function installServer(): void {
  write('/usr/sbin/vsftpd', '#!/bin/sh\n');
  chmodSync(world.path('/usr/sbin/vsftpd'), 0o755);
}
const put = (wish: object) => handlers['ftp.put_settings'](machine, ftpWish.parse(wish), call());

it('FTP-1 our file stands there before the package: TLS alone, nobody let in, each in their own home, a key for root alone', async () => {
  await configureFtp(machine, () => undefined);
  const lines = read(ftpPaths.main).split('\n');
  for (const line of [
    'anonymous_enable=NO',
    'chroot_local_user=YES',
    'force_local_logins_ssl=YES',
    'force_local_data_ssl=YES',
    'userlist_deny=NO',
    'pasv_min_port=39000',
    'pasv_max_port=39099',
  ])
    expect(lines).toContain(line);
  expect(read(ftpPaths.users)).toBe('');
  expect(statSync(world.path(ftpPaths.pair)).mode & 0o777).toBe(0o600);
  expect(new X509Certificate(read(ftpPaths.pair)).subject).toMatch(/^CN=/);
  // Written again with the package there, the key and who is let in stay.
  installServer();
  const pair = read(ftpPaths.pair);
  await put({ users: ['sara'], requiresTls: true });
  await configureFtp(machine, () => undefined);
  expect([read(ftpPaths.pair), read(ftpPaths.users)]).toEqual([pair, 'sara\n']);
});

it('FTP-1 without TLS only with the word for it; who has no password is not let in', async () => {
  await expect(handlers['ftp.read_settings'](machine, {}, call())).rejects.toMatchObject({ reason: 'ftp_missing' });
  await configureFtp(machine, () => undefined);
  installServer();
  const before = read(ftpPaths.main);
  await expect(put({ users: ['sara'], requiresTls: false })).rejects.toMatchObject({ reason: 'plain_ftp_unconfirmed' });
  for (const name of ['omar', 'root', 'nobody'])
    await expect(put({ users: [name], requiresTls: true })).rejects.toMatchObject({ reason: 'ftp_user_unfit' });
  for (const name of ['a\nanonymous_enable=YES', 'a b', '-x', '../a', 'a\0'])
    expect(ftpWish.safeParse({ users: [name], requiresTls: true }).success, name).toBe(false);
  expect([read(ftpPaths.main), read(ftpPaths.users)]).toEqual([before, '']);
  const plain = await put({ users: ['sara', 'sara'], requiresTls: false, confirmed: 'passwords_travel_readable' });
  expect(plain).toEqual({ users: ['sara'], candidates: ['sara'], requiresTls: false });
  expect(read(ftpPaths.main)).toContain('\nforce_local_logins_ssl=NO\n');
  expect(await put({ users: [], requiresTls: true })).toMatchObject({ users: [], requiresTls: true });
  expect(read(ftpPaths.main)).toBe(before);
});

it('a server with a file of somebody else is left alone', async () => {
  installServer();
  write(ftpPaths.main, 'anonymous_enable=YES\n');
  const said: string[] = [];
  await configureFtp(machine, (line) => said.push(line));
  expect(said.join()).toContain('stays as it is');
  await expect(put({ users: [], requiresTls: true })).rejects.toMatchObject({ reason: 'ftp_foreign' });
  expect(read(ftpPaths.main)).toBe('anonymous_enable=YES\n');
});
