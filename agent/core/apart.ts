import { existsSync } from 'node:fs';
import { findProgram } from './run.ts';

/*
 * An abstract Unix socket (`@name`) has neither owner nor mode: every program of the machine can connect to it. The only thing
 * that keeps one from another is a domain of Landlock with LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (Linux 6.12, ABI 6): what runs in
 * one reaches only those that were made in it. A program of a site is started through this line, which enters a domain of its
 * own and becomes the program. Where the kernel or a filter refuses, the program is started all the same.
 *
 * Perl is a part of every Debian and Ubuntu (perl-base), so what stands in a unit file works when the panel is gone. Landlock
 * wants NoNewPrivileges or root's rights, which whoever starts it sees to. 444 is landlock_create_ruleset and 446
 * landlock_restrict_self on every architecture; the attributes are: no files, no ports, scope 1. The text has nothing in it
 * that systemd would put a variable in the place of.
 */

const perl = '/usr/bin/perl';

/**
 * Before the name of a variable that somebody gave a program: it must mean nothing before the domain stands, as LD_PRELOAD or
 * PERL5OPT would; the line takes it away.
 */
export const givenVariable = 'AAPANEL_GIVEN_';

/** What systemd says of a file that the kernel could not run; the line says the same. */
export const notRunnable = 203;

const text = [
  'my $a = pack "QQQ", 0, 0, 1',
  'my $d = syscall 444, $a, 24, 0',
  'syscall 446, $d, 0 if $d >= 0',
  `for (keys %ENV) { $ENV{$1} = delete $ENV{$_} if /^${givenVariable}(.+)/ }`,
  'exec { $ARGV[0] } @ARGV',
  'warn "$ARGV[0]: $!\\n"',
  `exit ${notRunnable}`,
].join('; ');

/** Stands before a program and its arguments; nothing where there is no Perl. */
export function apart(): readonly string[] {
  return existsSync(perl) ? [perl, '-e', text, '--'] : [];
}

/** Stands before a program that must never get more rights than it has, which a unit of systemd says by NoNewPrivileges. */
export function withoutNewRights(): readonly string[] {
  const setpriv = findProgram('setpriv');
  return setpriv === undefined ? [] : [setpriv, '--no-new-privs', '--'];
}

/** Whether this text of a unit starts its program so, and takes variables by their given names. */
export function isApart(unit: string | undefined): boolean {
  return unit?.includes(givenVariable) === true;
}
