import { expect, it } from 'vitest';
import { startOf } from './app-presets.ts';
import { readStart, withStart } from './start-words.ts';

it.each([
  ['gunicorn', 'wsgi', 'shop.wsgi:app', { processes: 2, threads: null }],
  ['uvicorn', 'asgi', 'main:app', { processes: null, threads: undefined }],
  ['uwsgi', 'uwsgi', 'shop:app', { processes: 2, threads: null }],
  ['java', 'java', 'shop.jar', { jvm: [] }],
] as const)('the preset of %s is understood again', (kind, preset, given, seen) => {
  const { program, arguments: list } = startOf(preset, given);
  expect(readStart(program, list ?? [])).toMatchObject({ kind, object: given, ...seen });
});

it('a change replaces its own words and keeps all others, also those that were joined', () => {
  const gunicorn = { kind: 'gunicorn' } as const;
  const list = ['--bind', 'unix:{socket}', '--workers=2', '--access-logfile', '-', 'app:app'];
  expect(withStart(gunicorn, list, { processes: 8 })).toEqual([
    '--bind',
    'unix:{socket}',
    '--workers',
    '8',
    '--access-logfile',
    '-',
    'app:app',
  ]);
  expect(withStart(gunicorn, list, { threads: 4 })).toEqual([...list.slice(0, -1), '--threads', '4', 'app:app']);
  expect(withStart(gunicorn, ['--workers', '2', 'a:b'], { processes: null, object: 'c:d' })).toEqual(['c:d']);
  const uwsgi = ['--processes', '2', '--module', 'app:app'];
  expect(withStart({ kind: 'uwsgi' }, uwsgi, { threads: 4, processes: 3 })).toEqual([
    '--processes',
    '3',
    '--module',
    'app:app',
    '--threads',
    '4',
  ]);
  const java = ['-Xmx512m', '-jar', 'a.jar', '--server.port={port}'];
  expect(withStart({ kind: 'java' }, java, { jvm: ['-Xms64m', '-Dx=y'], object: 'b.jar' })).toEqual([
    '-Xms64m',
    '-Dx=y',
    '-jar',
    'b.jar',
    '--server.port={port}',
  ]);
});

it('what is not understood is left to the list of arguments', () => {
  expect(readStart('node', ['server.js'])).toBeNull();
  expect(readStart('java', ['-cp', 'lib', 'Main'])).toBeNull();
  expect(readStart('venv/bin/gunicorn', ['--bind', 'unix:{socket}'])).toBeNull();
  expect(readStart('venv/bin/gunicorn', [])).toBeNull();
});
