import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { hashPassword, sha512Crypt } from './sha512-crypt.ts';

it('is SHA-512 crypt, by the published example', () => {
  expect(sha512Crypt('Hello world!', 'saltstring')).toBe(
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  );
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

it.runIf(hasOpenssl)('and by another program, for passwords of every length that counts', () => {
  for (const length of [1, 8, 15, 31, 63, 64, 65, 100, 127, 128]) {
    const password = Array.from({ length }, (_, index) => String.fromCharCode(33 + ((index * 7) % 90))).join('');
    const [, , salt = '', sum] = hashPassword(password).split('$');
    const { stdout } = spawnSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], {
      input: password,
      encoding: 'utf8',
    });
    expect(`$6$${salt}$${sum}`).toBe(stdout.trim());
  }
});
