import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileCache } from '../../../test/compile-cache.ts';
import { makeHolder } from './places.ts';
import { recoverSwaps, swapAll } from './swap.ts';

let folder: string;
const backups = (): string => `${folder}/backups`;
const targets = (): string[] => [`${folder}/one/app`, `${folder}/two/app`, `${folder}/two/missing`];

beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-swap-'));
  mkdirSync(backups());
  for (const target of targets().slice(0, 2)) {
    mkdirSync(target, { recursive: true });
    writeFileSync(`${target}/state`, 'old');
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `old`, `new` or what else it is. */
function state(): string {
  const seen = targets().map((path) => (existsSync(path) ? readFileSync(`${path}/state`, 'utf8') : 'missing'));
  const text = seen.join(' ');
  if (text === 'old old missing') return 'old';
  return text === 'new new new' ? 'new' : text;
}

function leftovers(): string[] {
  const inFolders = ['one', 'two'].flatMap((name) => readdirSync(`${folder}/${name}`));
  const notes = existsSync(`${backups()}/restores`) ? readdirSync(`${backups()}/restores`) : [];
  return [...inFolders.filter((name) => name.startsWith('.')), ...notes];
}

const child = [join(import.meta.dirname, 'testing/swap-child.ts')];
const options = { env: { ...compileCache, PATH: '/usr/bin:/bin' } };

it.each([
  ['journal', 'old'],
  ['take 0', 'old'],
  ['put 0', 'old'],
  ['take 1', 'old'],
  ['put 1', 'old'],
  ['put 2', 'old'],
  ['end', 'old'],
  ['clean', 'new'],
  ['forget', 'new'],
])('B-9 killed at "%s": the next start ends in the %s state, with nothing left over', (step, expected) => {
  const { signal, stderr } = spawnSync(process.execPath, [...child, backups(), step, ...targets()], {
    ...options,
    encoding: 'utf8',
  });
  expect(`${String(signal)} ${stderr}`).toBe('SIGKILL ');
  recoverSwaps(backups());
  expect(state()).toBe(expected);
  expect(leftovers()).toEqual([]);
  // Again changes nothing.
  expect(recoverSwaps(backups())).toBe(0);
  expect(state()).toBe(expected);
});

const rounds = Number(process.env['AAPANEL_TEST_KILLS'] ?? '3');
it(`B-9 killed at ${rounds} random instants: always the old or the new`, async () => {
  for (let round = 0; round < rounds; round++) {
    const started = spawn(process.execPath, [...child, backups(), '', ...targets()], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => started.once('close', resolve));
    await new Promise((resolve) => started.stdout.once('data', resolve));
    const until = performance.now() + Math.random() * 8;
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    started.kill('SIGKILL');
    await ended;
    recoverSwaps(backups());
    expect(['old', 'new']).toContain(state());
    expect(leftovers()).toEqual([]);
    for (const target of targets()) rmSync(target, { recursive: true, force: true });
    for (const target of targets().slice(0, 2)) {
      mkdirSync(target);
      writeFileSync(`${target}/state`, 'old');
    }
  }
}, 120_000);

it('P4.2-5 a fault in the middle leaves the old state, and says what stood in the way', async () => {
  const swaps = [];
  for (const target of targets()) {
    const holder = await makeHolder(backups(), target);
    mkdirSync(holder.at('new'));
    writeFileSync(holder.at('new/state'), 'new');
    swaps.push({ holder, target });
  }
  rmSync(swaps[1]?.holder.at('new') ?? '', { recursive: true });
  await expect(swapAll(backups(), 'run2', swaps)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(state()).toBe('old');
});
