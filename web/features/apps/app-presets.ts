import type { SiteAppInput } from '#shared/site-app.ts';

/** What people run most often. Each only fills in program and arguments; all of it can be changed afterwards. */
export const appPresets = ['node', 'npm', 'wsgi', 'asgi', 'uwsgi', 'binary', 'java', 'own'] as const;
export type AppPreset = (typeof appPresets)[number];

/** The one thing that a preset asks for, with what most projects call it. */
export const presetDefaults = {
  node: 'server.js',
  npm: 'start',
  wsgi: 'app:app',
  asgi: 'main:app',
  uwsgi: 'app:app',
  binary: './server',
  java: 'app.jar',
  own: '',
} as const satisfies Record<AppPreset, string>;

export type Started = Pick<SiteAppInput, 'program' | 'arguments' | 'listen'>;

const onPort = { kind: 'port', port: null } as const;
const onSocket = { kind: 'socket' } as const;

/** `given`: what was typed for the preset; one argument per line for `own`, the program first. */
export function startOf(preset: AppPreset, given: string): Started {
  const text = given.trim();
  switch (preset) {
    case 'node':
      return { program: 'node', arguments: [text], listen: onPort };
    case 'npm':
      return { program: 'npm', arguments: ['run', text], listen: onPort };
    case 'wsgi':
      return {
        program: 'venv/bin/gunicorn',
        arguments: ['--bind', 'unix:{socket}', '--workers', '2', text],
        listen: onSocket,
      };
    case 'asgi':
      return {
        program: 'venv/bin/uvicorn',
        arguments: ['--uds', '{socket}', '--proxy-headers', text],
        listen: onSocket,
      };
    case 'uwsgi':
      return {
        program: 'venv/bin/uwsgi',
        // Its own signal for an end in peace would restart it.
        arguments: [
          '--http-socket',
          '{socket}',
          '--chmod-socket=660',
          '--master',
          '--die-on-term',
          '--processes',
          '2',
          '--module',
          text,
        ],
        listen: onSocket,
      };
    case 'binary':
      return { program: text, arguments: [], listen: onPort };
    case 'java':
      return { program: 'java', arguments: ['-jar', text, '--server.port={port}'], listen: onPort };
    default: {
      const [program = '', ...rest] = argumentsOf(given);
      return { program, arguments: rest, listen: onPort };
    }
  }
}

/** One per line; an empty line between others is an empty argument. */
export function argumentsOf(text: string): string[] {
  const lines = text.replaceAll('\r\n', '\n').replace(/\n+$/, '').split('\n');
  return lines.length === 1 && lines[0] === '' ? [] : lines;
}

export const argumentsText = (list: readonly string[]): string => list.join('\n');
