import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { poll } from '../nginx/nginx.process.ts';
import { hasRelay } from './pty-output.ts';
import { startShell, type Shell } from './shell.ts';

const facts = { cwd: '/', cols: 80, rows: 24, environment: { PATH: '/usr/bin:/bin' } };

it('TERM-3 every byte of a flood comes in its order, also when it has to wait, and the last words before the end', async () => {
  const lines = 200_000;
  const chunks: Buffer[] = [];
  const ended = Promise.withResolvers<unknown>();
  let pauses = 0;
  let sincePause = 0;
  const shell: Shell = startShell(
    { ...facts, program: '/bin/sh', args: ['-c', `stty -opost; seq ${lines}; printf farewell; exit 3`] },
    {
      output(chunk) {
        chunks.push(Buffer.from(chunk));
        sincePause += chunk.length;
        if (sincePause < 100_000) return;
        sincePause = 0;
        pauses++;
        shell.pause();
        setTimeout(() => shell.resume(), 5);
      },
      end: ended.resolve,
    },
  );
  expect(await ended.promise).toEqual({ code: 3, signal: null });
  const wanted = `${Array.from({ length: lines }, (_, at) => at + 1).join('\n')}\nfarewell`;
  expect(Buffer.concat(chunks).toString() === wanted).toBe(true);
  expect(pauses).toBeGreaterThan(3);
}, 30_000);

it.runIf(hasRelay())('a terminal whose process is killed ends its program, and nothing holds it open', async () => {
  const module = fileURLToPath(new URL('shell.ts', import.meta.url));
  const text = `const { startShell } = await import(${JSON.stringify(module)});
const on = { output() {}, end() {} };
console.log(startShell({ ...${JSON.stringify(facts)}, program: '/bin/sleep', args: ['1000'] }, on).pid);`;
  const host = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = (await once(host.stdout, 'data')) as [Buffer];
  const program = `/proc/${String(chunk).trim()}`;
  expect(existsSync(program)).toBe(true);
  host.kill('SIGKILL');
  expect(await poll(() => !existsSync(program), Date.now() + 5_000)).toBe(true);
});
