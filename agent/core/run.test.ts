import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { text } from 'node:stream/consumers';
import { findProgram, run, runWithStatus, startDetached, startProgram } from './run.ts';

const sh = '/bin/sh';
const limits = { timeoutMs: 5_000 };

it('CMD-1 arguments are plain text: no shell looks at them', async () => {
  const evil = '$(touch /tmp/aapanel-evil); `id` | cat > /tmp/aapanel-evil && echo "x" \'y\' *';
  const { stdout } = await run('/bin/echo', [evil], limits);
  expect(stdout).toBe(`${evil}\n`);
});

it('CMD-7 a program inherits nothing from us but a fixed environment', async () => {
  const { stdout } = await run('/usr/bin/env', [], limits);
  const names = stdout.split('\n').map((line) => line.split('=')[0]);
  expect(names.filter((name) => name !== '').toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
    'DEBIAN_FRONTEND',
    'HOME',
    'LANG',
    'LC_ALL',
    'NEEDRESTART_MODE',
    'PATH',
  ]);
  // Of the descriptors that are open here none is open there.
  const fd = openSync('/etc/hostname', 'r');
  const { stdout: open } = await run('/bin/ls', ['-l', '/proc/self/fd'], limits);
  closeSync(fd);
  expect(open).not.toContain('/etc/hostname');
});

it('a program is started by absolute path, without NUL, and named without its folder', async () => {
  await expect(run('sh', [], limits)).rejects.toThrow(TypeError);
  await expect(run(sh, ['a\0b'], limits)).rejects.toThrow(TypeError);
  expect(() => findProgram('../bin/sh')).toThrow(TypeError);
  expect(() => findProgram('-x')).toThrow(TypeError);
  expect(findProgram('sh')).toMatch(/\/sh$/);
  expect(findProgram('no-such-program')).toBeUndefined();
});

it('FAULT-5 endless output is cut and read to the end all the same', async () => {
  const { code, stdout } = await run(sh, ['-c', 'head -c 3000000 /dev/zero | tr "\\0" x'], {
    ...limits,
    maxOutputBytes: 1_000,
  });
  expect(code).toBe(0);
  expect(stdout.length).toBe(1_000);
});

it('after its time a program ends with all its children', async () => {
  const from = Date.now();
  const { code, isTimedOut, stdout } = await run(sh, ['-c', 'sleep 60 & echo $!; wait'], { timeoutMs: 200 });
  expect(Date.now() - from).toBeLessThan(3_000);
  expect(code).toBeNull();
  expect(isTimedOut).toBe(true);
  await wait(50);
  expect(isRunning(Number(stdout.trim()))).toBe(false);
});

it('a program that is missing or fails is told apart', async () => {
  await expect(run('/no/such/program', [], limits)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await run(sh, ['-c', 'echo bad >&2; exit 3'], limits)).toMatchObject({
    code: 3,
    stderr: 'bad\n',
    isTimedOut: false,
  });
});

it('a detached program writes into its file, and status lines of another come back whole', async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-run-'));
  const fd = openSync(join(folder, 'log'), 'a');
  const pid = await startDetached(sh, ['-c', 'echo detached'], { outputFd: fd });
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => readFileSync(join(folder, 'log'), 'utf8')).toBe('detached\n');
  const lines: string[] = [];
  const code = await runWithStatus(
    sh,
    ['-c', 'printf "a:1\\nb:" >&3; sleep 0.05; printf "2\\n" >&3; echo out; exit 4'],
    {
      outputFd: fd,
      onStatus: (line) => void lines.push(line),
      onStart: () => undefined,
    },
  );
  expect(code).toBe(4);
  expect(lines).toEqual(['a:1', 'b:2']);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('detached\nout\n');
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

it('streams go into a program and out of it, in the folder it was given, behind everything else', async () => {
  const program = startProgram(sh, ['-c', 'pwd; nice; cat; echo oops >&2; exit 3'], {
    cwd: '/usr',
    stdin: 'pipe',
    isBackground: true,
  });
  program.stdin.end('hello\n');
  expect(await text(program.stdout)).toBe('/usr\n10\nhello\n');
  expect(await program.ended).toEqual({ code: 3, stderr: 'oops\n', isKilled: false });
});

it('a streaming program ends with the signal, grandchildren too, and a missing one is an error of its own', async () => {
  const stop = new AbortController();
  const program = startProgram(sh, ['-c', 'echo ready; sleep 60 & wait'], { signal: stop.signal });
  program.stdout.once('data', () => stop.abort());
  expect(await program.ended).toMatchObject({ code: null, isKilled: true });
  await expect(startProgram('/nowhere/at/all', []).ended).rejects.toThrow('ENOENT');
});

it('a program that ends before it read its input is no error of ours', async () => {
  const program = startProgram('/bin/true', [], { stdin: 'pipe' });
  program.stdin.write(Buffer.alloc(1024 * 1024));
  program.stdout.resume();
  expect((await program.ended).code).toBe(0);
});
