import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CrontabEntry } from '#shared/cron.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { parseCrontab } from './crontab.ts';
import { readCrontabs } from './read-crontabs.ts';

let world: World;
beforeAll(async () => (world = await makeWorld()));
afterAll(() => world.destroy());

const entries = (text: string, user: string | null = 'nora'): CrontabEntry[] =>
  parseCrontab({ source: 'x', text, user, timeZone: 'Asia/Riyadh' });
const only = (text: string, user: string | null = 'nora'): CrontabEntry => {
  const [first, ...others] = entries(text, user);
  if (first === undefined || others.length > 0) throw new Error('there is not just one');
  return first;
};
const said = (text: string): string => execFileSync('/bin/sh', ['-c', only(text).script], { encoding: 'utf8' });

it('CONF-4 what a line of a crontab runs is run by its script too: %, quotes, what is read, variables', () => {
  expect(said(String.raw`* * * * * echo 50\% "a  b" 'it'`)).toBe('50% a  b it\n');
  expect(said('* * * * * cat; echo end%first%%third $HOME `id`')).toBe('first\n\nthird $HOME `id`\nend\n');
  expect(said(`A="it's"\nB = plain \n* * * * * echo "$A|$B"`)).toBe("it's|plain\n");
  expect(said('* * * * * cat%CRONTAB_INPUT%x')).toBe('CRONTAB_INPUT\nx\n');
  expect(only('SHELL=/bin/bash\n* * * * * [[ 1 ]]').language).toBe('bash');
});

it('names of times, zones, users and comments are understood; what cannot be a job says why', () => {
  expect(only('@daily date')).toMatchObject({ expression: '0 0 * * *', user: 'nora', timeZone: 'Asia/Riyadh' });
  expect(only('CRON_TZ=UTC\n  5\t4  * * mon-fri  date')).toMatchObject({
    expression: '5 4 * * mon-fri',
    timeZone: 'UTC',
    line: 2,
    problem: null,
  });
  expect(only('17 * * * *\troot\tcd / && run-parts x', null)).toMatchObject({
    user: 'root',
    script: 'cd / && run-parts x\n',
  });
  expect(entries('# comment\n\n   # another\nMAILTO=root\n')).toEqual([]);
  for (const [line, problem] of [
    ['@reboot date', 'at_boot'],
    ['99 * * * * date', 'schedule'],
    ['CRON_TZ=Mars/Base\n* * * * * date', 'schedule'],
    ['hello', 'unreadable'],
    ['* * * * *', 'unreadable'],
  ] as const)
    expect(only(line).problem, line).toBe(problem);
  expect(only('* * * * * root', null).problem).toBe('unreadable');
});

it('the crontabs of the machine are read and left as they are; links are not followed, strangers are told', () => {
  const put = (path: string, text: string): void => writeFileSync(world.path(path), text);
  for (const folder of ['/etc/cron.d', '/var/spool/cron/crontabs']) mkdirSync(world.path(folder), { recursive: true });
  put('/etc/crontab', '1 1 * * * root one\n');
  put('/etc/cron.d/two', '2 2 * * * root two\n');
  put('/etc/cron.d/left.out', '3 3 * * * root three\n');
  put('/etc/shadow-like', '4 4 * * * root four\n');
  symlinkSync(world.path('/etc/shadow-like'), world.path('/etc/cron.d/link'));
  put('/var/spool/cron/crontabs/root', '5 5 * * * five\n');
  put('/var/spool/cron/crontabs/nobody-here', '6 6 * * * six\n');
  const { items, isCut } = readCrontabs({ prefix: world.prefix, stateFolder: world.settings.stateFolder }, 4);
  expect(isCut).toBe(false);
  expect(items.map(({ source, script, problem }) => [source, script.trim(), problem])).toEqual([
    ['/etc/crontab', 'one', null],
    ['/etc/cron.d/two', 'two', null],
    ['crontab nobody-here', '', 'user'],
    ['crontab root', 'five', null],
  ]);
});
