import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { activeKey, repositoryPassword, ringOf } from './keys.ts';
import { lightenSlot } from './light-slot.ts';
import { withTarget } from './open-target.ts';
import { changeTargetState, putTarget, readTargetState } from './targets.ts';
import { makeTestWork, type TestWork } from './testing/test-work.ts';

const hasRestic = existsSync('/usr/bin/restic');
const targetId = 'aaaaaaaaaaaaaaaa';
let test: TestWork;
let repository: string;
let passwordFile: string;

beforeAll(async () => {
  test = makeTestWork();
  repository = test.path('repository');
  const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };
  const place = { kind: 'local', path: repository } as const;
  await putTarget(test.work.folder, { targetId, name: 'local', place, limits }, null);
  passwordFile = test.path('password');
  writeFileSync(passwordFile, repositoryPassword(activeKey(await ringOf(test.work.folder, Date.now()))));
});
afterAll(() => test.destroy());

const restic = (...args: string[]) =>
  spawnSync('restic', ['-r', repository, '--password-file', passwordFile, '--no-cache', ...args], { encoding: 'utf8' });
const slots = () => {
  const names = readdirSync(`${repository}/keys`);
  return names.map((name) => {
    const slot = JSON.parse(readFileSync(`${repository}/keys/${name}`, 'utf8')) as { N: number; username: string };
    return { name, ...slot };
  });
};
const visit = async () => await withTarget(test.work, targetId, async ({ vault }) => await vault.snapshots());

it.runIf(hasRestic)(
  'our slot of a local repository is not stretched, restic opens it, and it is the only one',
  async () => {
    await visit();
    expect(slots().map(({ N }) => N)).toEqual([2]);
    expect(restic('cat', 'config').status).toBe(0);
    const { slot } = readTargetState(test.work.folder, targetId);
    expect(slots()[0]?.name.startsWith(slot?.slotId ?? '-')).toBe(true);
  },
);

it.runIf(hasRestic)(
  'a stretched slot of an earlier version is written again; what others made stays as it is',
  async () => {
    // As an earlier version left it: a slot that restic made, and no word of which one is ours but its name.
    execFileSync('restic', [
      '-r',
      repository,
      '--password-file',
      passwordFile,
      'key',
      'add',
      '--new-password-file',
      passwordFile,
    ]);
    const made = slots().find(({ N }) => N > 2);
    const other = test.path('other');
    writeFileSync(other, 'somebody else');
    execFileSync('restic', [
      '-r',
      repository,
      '--password-file',
      passwordFile,
      'key',
      'add',
      '--new-password-file',
      other,
      '--user',
      'other',
    ]);
    const foreign = slots().find(({ username }) => username === 'other');
    expect(foreign?.N).toBeGreaterThan(2);
    const { slot } = readTargetState(test.work.folder, targetId);
    await changeTargetState(test.work.folder, targetId, {
      slot: { keyId: slot?.keyId ?? '', slotId: made?.name ?? '' },
    });
    await visit();
    const after = slots();
    expect(after.some(({ name }) => name === made?.name)).toBe(false);
    expect(after).toContainEqual(foreign);
    expect(after.filter(({ username }) => username !== 'other').map(({ N }) => N)).toEqual([2, 2]);
    expect(restic('check').status).toBe(0);
  },
);

it.runIf(hasRestic)('a slot whose password is another one is refused, and so is one with a changed byte', () => {
  const made = slots().find(({ N }) => N > 2);
  const file = readFileSync(`${repository}/keys/${made?.name}`);
  expect(() => lightenSlot(file, 'not this one')).toThrow('does not fit');
  const slot = JSON.parse(file.toString('utf8')) as { data: string };
  const data = Buffer.from(slot.data, 'base64');
  data[20] = (data[20] ?? 0) ^ 1;
  const damaged = Buffer.from(JSON.stringify({ ...slot, data: data.toString('base64') }));
  expect(() => lightenSlot(damaged, 'somebody else')).toThrow('does not fit');
  expect(lightenSlot(file, 'somebody else')).toBeDefined();
  // Whoever writes into the target does not choose how much memory the agent takes.
  const greedy = { ...(JSON.parse(file.toString('utf8')) as object), N: 2 ** 22 };
  expect(lightenSlot(Buffer.from(JSON.stringify(greedy)), 'somebody else')).toBeUndefined();
});
