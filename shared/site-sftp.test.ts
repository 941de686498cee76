import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseSshKey, siteSftp } from './site-sftp.ts';

const folder = mkdtempSync(join(tmpdir(), 'aapanel-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As people make them. */
const make = (name: string, ...options: string[]): string => {
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', `me@${name}`, '-f', join(folder, name), ...options]);
  return readFileSync(join(folder, `${name}.pub`), 'utf8');
};
const ed25519 = make('ed25519', '-t', 'ed25519');
const stored = (line: string): string => line.split(' ').slice(0, 2).join(' ');

it.each([
  ['Ed25519', ed25519],
  ['ECDSA of 256 bits', make('p256', '-t', 'ecdsa', '-b', '256')],
  ['ECDSA of 521 bits', make('p521', '-t', 'ecdsa', '-b', '521')],
  ['RSA of 3072 bits', make('rsa', '-t', 'rsa', '-b', '3072')],
])('a key of %s is taken without the name behind it', (_, line) => {
  expect(parseSshKey(line)).toEqual({ ok: true, key: stored(line) });
  expect(parseSshKey(`  ${line}`)).toEqual({ ok: true, key: stored(line) });
  expect(siteSftp.safeParse({ keys: [{ name: 'me', key: stored(line) }] }).success).toBe(true);
});

const swap = (line: string, change: (bytes: Buffer) => Buffer): string => {
  const [kind = '', data = ''] = line.split(' ');
  return `${kind} ${change(Buffer.from(data, 'base64')).toString('base64')}`;
};

it.each([
  ['ssh_key_weak', make('short', '-t', 'rsa', '-b', '2048')],
  ['ssh_key_private', readFileSync(join(folder, 'ed25519'), 'utf8')],
  [
    'ssh_key_kind',
    swap(ed25519.replace('ssh-ed25519', 'ssh-ed25518'), (bytes) =>
      Buffer.from(bytes.toString('latin1').replace('ssh-ed25519', 'ssh-ed25518'), 'latin1'),
    ),
  ],
  ['ssh_key_invalid', ''],
  ['ssh_key_invalid', 'ssh-ed25519'],
  ['ssh_key_invalid', 'ssh-ed25519 AAAA'],
  ['ssh_key_invalid', stored(ed25519).slice(0, -4)],
  ['ssh_key_invalid', `${stored(ed25519)}AAAA`],
  ['ssh_key_invalid', ed25519.replace('ssh-ed25519', 'ssh-rsa')],
  ['ssh_key_invalid', swap(ed25519, (bytes) => Buffer.concat([bytes, Buffer.from([0, 0, 0, 0])]))],
  ['ssh_key_invalid', swap(ed25519, (bytes) => bytes.fill(255, 15, 19))],
  ['ssh_key_invalid', `command="id" ${ed25519}`],
  ['ssh_key_invalid', `${stored(ed25519)}\nssh-ed25519 x`],
  ['ssh_key_invalid', `${stored(ed25519)}\u0000`],
])('%s: %o', (code, line) => {
  expect(parseSshKey(line)).toEqual({ ok: false, code });
});

it('what is stored is exactly a key, once', () => {
  const key = stored(ed25519);
  const codes = (keys: unknown[]) => siteSftp.safeParse({ keys }).error?.issues.map(({ message }) => message) ?? [];
  expect(codes([{ name: 'me', key: ed25519 }])).toEqual(['ssh_key_invalid']);
  expect(
    codes([
      { name: 'a', key },
      { name: 'b', key },
    ]),
  ).toEqual(['ssh_key_twice']);
  expect(codes([{ name: 'a\nb', key }])).not.toEqual([]);
  expect(codes([{ name: '', key }])).not.toEqual([]);
  expect(codes([{ name: 'a', key, options: 'pty' }])).not.toEqual([]);
});
