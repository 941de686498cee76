import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillCommand, placesOf, unseenInCommand } from './command-text.ts';

it('places for values are named, each once; the braces of other tools are none', () => {
  expect(placesOf('tar czf {{file}} {{folder}} # {{file}}')).toEqual(['file', 'folder']);
  const other = "docker ps --format '{{.Names}} {{ json . }} {{Name}} {{}} {name}'";
  expect(placesOf(other)).toEqual([]);
  expect(fillCommand(other, { Names: 'x', name: 'x' })).toBe(other);
  expect(fillCommand('ls {{a}} {{b}} {{constructor}}', { a: '/srv/shop' })).toBe('ls /srv/shop {{b}} {{constructor}}');
  // What a value holds is no place.
  expect(fillCommand('echo {{a}}', { a: '{{b}}', b: 'x' })).toBe("echo '{{b}}'");
});

it('CMD-1 whatever a value holds, the shell takes it as one word and runs nothing of it', () => {
  const values = [
    '',
    ' ',
    "it's",
    '$(reboot)',
    '`reboot`',
    '; reboot #',
    '"\'\\',
    '$HOME',
    '~',
    '*',
    '!!',
    '{a,b}',
    '\\',
    "'; reboot; '",
    'سلام 🌙',
    ...fc.sample(fc.string({ unit: 'grapheme' }), 200).filter((text) => !unseenInCommand.test(text)),
  ];
  const command = values.map((value) => fillCommand('printf "%s\\0" {{value}}', { value })).join('\n');
  for (const shell of ['/bin/sh', '/bin/bash']) {
    const { stdout, stderr } = spawnSync(shell, [], { input: command, encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } });
    expect([stdout.split('\0').slice(0, -1), stderr]).toEqual([values, '']);
  }
});
