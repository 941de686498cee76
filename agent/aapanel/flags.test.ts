import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFlags } from './flags.ts';
import { projectFacts } from './projects.ts';

it('MIG-2 flag files say how the old panel is reached, never its secret path; unknown ones are named and not read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-flags-'));
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  expect(readFlags(folder)).toEqual({ flags: [], unknown: [] });
  expect(readFlags(`${folder}/none`)).toEqual({ flags: [], unknown: [] });
  put('port.pl', '8888\n');
  put('admin_path.pl', '/secret-entry');
  put('limitip.conf', '1.2.3.4,10.0.0.0-10.0.0.9');
  put('new_thing.pl', 'secret-value');
  put('default.db', 'no setting');
  put('evil\nname.pl', '');
  mkdirSync(join(folder, 'folder.pl'));
  symlinkSync('/etc/hostname', join(folder, 'domain.conf'));
  const seen = readFlags(folder);
  expect(seen.flags.map(({ code, value }) => [code, value])).toEqual([
    ['entry', null],
    ['addresses', '1.2.3.4,10.0.0.0-10.0.0.9'],
    ['port', '8888'],
  ]);
  expect(seen.unknown).toEqual(['new_thing.pl']);
  expect(JSON.stringify(seen)).not.toContain('secret');
  // What could not be a port, name or address is not shown.
  put('port.pl', '<b>8888</b>');
  expect(readFlags(folder).flags.at(-1)).toEqual({ file: 'port.pl', code: 'port', value: null });
  rmSync(folder, { recursive: true });
});

it('of a project its version, command, port and folder are said, and nothing of its variables', () => {
  const facts = (config: unknown): string => projectFacts({ project_config: JSON.stringify(config) });
  const python = { version: '3.11.4', rfile: '/www/app/main.py', port: '8001', path: '/www/app', env: 'KEY=secret' };
  expect(facts(python)).toBe('3.11.4 · /www/app/main.py · 8001 · /www/app');
  expect(facts({ port: 3000, project_script: 'a\u202eb', project_cwd: {} })).toBe('3000');
  for (const none of [null, [], 'text', 7]) expect(facts(none)).toBe('');
  expect(projectFacts({ project_config: '{broken' })).toBe('');
});
