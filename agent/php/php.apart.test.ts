import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isPhpUnitNew, phpUnitWants, renderPhpUnit } from './php.apart.ts';

const start = '/usr/sbin/php-fpm8.2 --nodaemonize --fpm-config /etc/php/8.2/fpm/php-fpm.conf';
const unit = (more: string): string => `[Service]\nType=notify\n${more}\nExecReload=/bin/kill -USR2 $MAINPID\n`;
const before = ['/usr/bin/perl', '-e', 'exec { $ARGV[0] } @ARGV; # 50%', '--'];

it('SITE-2 the FPM of a version is started as its package does it, behind what keeps it from abstract sockets', () => {
  expect(
    renderPhpUnit(before, unit(`ExecStart=${start}`), [])
      ?.split('\n')
      .slice(2),
  ).toEqual([
    '[Service]',
    'ExecStart=',
    `ExecStart="/usr/bin/perl" "-e" "exec { $$ARGV[0] } @ARGV; # 50%%" "--" ${start}`,
    '',
  ]);
});

it.each([
  ['that is not there', '', []],
  ['with two commands', unit(`ExecStart=${start}\nExecStart=${start}`), []],
  ['with a mark before the program', unit(`ExecStart=-${start}`), []],
  ['with a command of several lines', unit(`ExecStart=${start} \\\n  -R`), []],
  ['with a filter of system calls', unit(`ExecStart=${start}\nSystemCallFilter=@system-service`), []],
  ['that somebody gave a filter', unit(`ExecStart=${start}`), ['[Service]\nSystemCallFilter=~@mount\n']],
])('a unit %s is left alone', (_, text, beside) => {
  expect(renderPhpUnit(before, text, beside)).toBeUndefined();
});

it('the file is written beside the unit of the package, and where somebody has put a link nothing is', () => {
  const prefix = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-unit-'));
  const packages = `${prefix}/usr/lib/systemd/system`;
  const folder = `${prefix}/etc/systemd/system/php8.2-fpm.service.d`;
  const wanted = (hasSystemd = true) => phpUnitWants({ prefix, hasSystemd }, '8.2', { uid: 0, gid: 0 });
  try {
    expect(wanted()).toEqual([]);
    mkdirSync(packages, { recursive: true });
    writeFileSync(`${packages}/php8.2-fpm.service`, unit(`ExecStart=${start}`));
    expect(wanted().map((want) => 'path' in want && want.path)).toEqual([folder, `${folder}/aapanel.conf`]);
    expect([isPhpUnitNew({ prefix, hasSystemd: true }, '8.2'), wanted(false)]).toEqual([true, []]);
    mkdirSync(folder, { recursive: true });
    symlinkSync('/dev/null', `${folder}/other.conf`);
    expect(wanted()).toEqual([]);
    rmSync(folder, { recursive: true });
    symlinkSync('/tmp', folder);
    expect(wanted()).toEqual([]);
  } finally {
    rmSync(prefix, { recursive: true });
  }
});
