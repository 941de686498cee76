import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockTarget } from '../agent/backups/open-target.ts';
import { runCli, type Outcome } from './testing.ts';

/* `aapanel backup …` with the agent's real console, the real restic and no panel and no agent running. */

const hasRestic = existsSync('/usr/bin/restic');
const test = it.runIf(hasRestic);

let cwd: string;
const root = () => join(cwd, 'root');
const file = (name: string) => join(root(), 'data', name);

function aapanel(args: readonly string[], input = '', state = 'state'): Outcome {
  const env = {
    ENVIRONMENT: 'development',
    AGENT: 'real',
    HOST: '127.0.0.1',
    PORT: '15972',
    PATH: '/usr/bin:/bin',
    // Nothing outside of this folder is read or written, and no systemd is asked.
    AAPANEL_AGENT_PREFIX: root(),
    AAPANEL_AGENT_STATE: join(cwd, state),
  };
  return runCli(cwd, ['--lang', 'en', 'backup', ...args], env, input);
}
const json = <T>({ out, err }: Outcome): T => {
  try {
    return JSON.parse(out) as T;
  } catch {
    throw new Error(`no JSON: ${out}\n${err}`);
  }
};
const setIds = () => json<{ items: { setId: string }[] }>(aapanel(['list', '--json'])).items.map(({ setId }) => setId);

/** What monitoring sees of the one plan. */
const figures = () => json<{ plans: Record<string, unknown>[] }>(aapanel(['schedule', '--json'])).plans[0];
let before: ReturnType<typeof figures>;
let made: Outcome;

beforeAll(() => {
  cwd = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-backup-cli-'));
  mkdirSync(join(root(), 'data/sub'), { recursive: true });
  mkdirSync(join(root(), 'etc'));
  writeFileSync(file('a.txt'), 'as saved');
  writeFileSync(file('sub/b.txt'), 'b');
  if (!hasRestic) return;
  const added = aapanel(['targets', 'add', 'store', '--local', join(cwd, 'store')]);
  if (added.code !== 0) throw new Error(added.out + added.err);
  // Half an hour from now: it must not fall due while the tests run.
  const at = `00:${String((new Date().getMinutes() + 30) % 60).padStart(2, '0')}`;
  const plan = aapanel(['plans', 'add', 'hourly', '--source', 'folder:/data', '--every', 'hourly', '--at', at]);
  if (plan.code !== 0) throw new Error(plan.out + plan.err);
  before = figures();
  made = aapanel(['create', '--plan', 'hourly', '--json']);
  if (made.code !== 0) throw new Error(made.out + made.err);
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('aapanel backup', () => {
  test('makes a backup and shows it, while neither panel nor agent runs', () => {
    const { run } = json<{ run: { state: string; setIds: string[]; actorName: string } }>(made);
    expect(run).toMatchObject({ state: 'succeeded', actorName: 'console' });
    // What it said meanwhile stands beside the JSON, not in it.
    expect(made.err).toContain('Saved folder/data');
    const shown = aapanel(['show', 'latest']);
    expect(shown.out).toContain(run.setIds[0]);
    expect(shown.out).toContain('folder/data  tree');
    expect(aapanel(['runs']).out).toContain('create  succeeded');
  });

  test('P4.2-4 a run that fails ends with 1 and its reason, and nothing new is listed', () => {
    const before = setIds();
    const failed = aapanel(['create', '--source', 'folder:/none']);
    expect(failed.code).toBe(1);
    expect(failed.err).toContain('backup_source_missing');
    expect(setIds()).toEqual(before);
  });

  test('P4.2-10 a restore test measures both times, and ends with 1 when one is exceeded', () => {
    type Measured = { isPassed: boolean; targets: { rtoSeconds: number; rpoSeconds: number }[] };
    const over = aapanel(['test-restore', '--rto', '0.001', '--json']);
    const facts = json<Measured>(over);
    expect([over.code, facts.isPassed]).toEqual([1, false]);
    expect(facts.targets[0]).toMatchObject({ state: 'proven', isRtoMet: false, isRpoMet: true });
    expect(facts.targets[0]?.rtoSeconds).toBeGreaterThan(0);
    expect(facts.targets[0]?.rpoSeconds).toBeGreaterThan(0);
  });

  test('a restore in place asks first: anything but yes, y or نعم changes nothing', () => {
    writeFileSync(file('a.txt'), 'changed since');
    for (const answer of ['', 'no\n', 'نعمم\n']) {
      const refused = aapanel(['restore', 'latest'], answer);
      expect([refused.code, refused.err.includes('nothing was done')]).toEqual([1, true]);
    }
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('changed since');
    const newest = setIds()[0] ?? '';
    expect(aapanel(['restore', newest], 'نعم\n').code).toBe(0);
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('as saved');
  });

  test('pruning asks first', () => {
    const sets = setIds();
    expect(aapanel(['prune'], 'n\n').code).toBe(1);
    expect(setIds()).toEqual(sets);
    expect(aapanel(['prune'], 'y\n').code).toBe(0);
  });

  test('P4.2-9 the schedule has the figures that monitoring wants, and they change after a run', () => {
    expect(before).toMatchObject({ lastResult: null, ageSeconds: null, bytes: null, durationSeconds: null });
    expect(before).toMatchObject({ rpoMinutes: 60, isRpoGoalMet: true, isOverdue: false });
    const after = figures();
    expect(after).toMatchObject({ lastResult: 'succeeded', bytes: 9 });
    expect([typeof after?.['ageSeconds'], typeof after?.['durationSeconds']]).toEqual(['number', 'number']);
    expect(aapanel(['due']).out).toContain('nothing is due');
  });

  test('P4.2-9 a second run beside another one ends with 1 and says so', async () => {
    const [target] = json<{ id: string }[]>(aapanel(['targets', '--json']));
    const lock = await lockTarget(join(cwd, 'state/backups'), target?.id ?? '');
    const second = aapanel(['create', '--plan', 'hourly']);
    lock.release();
    expect([second.code, second.err]).toEqual([1, expect.stringContaining('backup_target_busy')]);
  });

  test('a secret comes from a file, and no command shows it', () => {
    const place = { kind: 'rest', url: 'http://127.0.0.1:1/' };
    const secret = { kind: 'access', name: 'user', secret: 'never-shown-secret' };
    writeFileSync(join(cwd, 'target.json'), JSON.stringify({ name: 'far', place, secret }));
    const added = aapanel(['targets', 'add', '--file', 'target.json']);
    // Nobody listens there: the target is kept, and that it cannot be reached is said at once.
    expect(added.code).toBe(1);
    const shown = aapanel(['targets', '--json']);
    expect(json<{ hasSecret: boolean }[]>(shown)).toContainEqual(
      expect.objectContaining({ name: 'far', hasSecret: true }),
    );
    const runs = aapanel(['runs', '--json']);
    for (const { out, err } of [added, shown, runs]) expect(out + err).not.toContain(secret.secret);
    expect(aapanel(['targets', 'remove', 'far', '--yes']).code).toBe(0);
  });

  test('P4.2-9 who is told of a failure is added from a file, tried and removed, and its address and secret are never shown', () => {
    const key = 'never-shown-secret';
    const url = 'http://127.0.0.1:1/never-shown-path';
    const hook = { name: 'phone', url, secret: { kind: 'key', key } };
    const added = aapanel(['hooks', 'add', '--file', '-'], JSON.stringify(hook));
    expect(added.code, added.err).toBe(0);
    const tried = aapanel(['hooks', 'test', 'phone']);
    // Nobody listens there.
    expect([tried.code, tried.out]).toEqual([1, expect.stringContaining('backup_hook_unreachable')]);
    const shown = aapanel(['hooks', '--json']);
    expect(json<object[]>(shown)).toMatchObject([
      { name: 'phone', origin: 'http://127.0.0.1:1', hasSecret: true, lastOutcome: { isDelivered: false } },
    ]);
    const listed = aapanel(['hooks']);
    for (const { out, err } of [added, tried, shown, listed]) expect(out + err).not.toMatch(/never-shown/);
    const wrong = { ...hook, url: 'http://169.254.169.254/' };
    expect(aapanel(['hooks', 'add', '--file', '-'], JSON.stringify(wrong)).code).toBe(1);
    expect(aapanel(['hooks', 'remove', 'phone', '--yes']).code).toBe(0);
    expect(aapanel(['hooks']).out).toContain('nobody is told');
  });

  test('the recovery sheet is in both languages, and its key brings everything back on a machine that knows nothing', () => {
    const sheet = aapanel(['keys', 'recovery']);
    expect(sheet.out).toContain('ورقة استرداد');
    expect(sheet.out).toContain('Recovery sheet');
    const key = /AAPR(-[A-Z2-7]{4}){14}/.exec(sheet.out)?.[0] ?? '';
    expect(key).not.toBe('');
    expect(aapanel(['keys']).out).not.toContain(key);
    // A second one makes the first void: that is asked.
    expect(aapanel(['keys', 'recovery'], '\n').code).toBe(1);
    rmSync(join(root(), 'data'), { recursive: true });
    const wrong = aapanel(['recover', '--local', 'store'], 'AAPR-WRONG\n', 'other');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('backup_recovery_key_invalid')]);
    expect(existsSync(file('a.txt'))).toBe(false);
    const back = aapanel(['recover', '--local', 'store'], `${key}\n`, 'other');
    expect([back.code, back.err]).toMatchObject([0, expect.any(String)]);
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('as saved');
    expect(back.out + back.err).not.toContain(key);
  });

  it('says its verbs in both languages, and what it does not know', () => {
    for (const lang of ['ar', 'en']) {
      const { code, out } = runCli(cwd, ['--lang', lang, 'backup']);
      expect(code).toBe(0);
      for (const verb of ['create', 'test-restore', 'import-legacy', 'recover', 'schedule'])
        expect(out).toContain(verb);
    }
    expect(aapanel(['nonsense']).code).toBe(64);
    expect(aapanel(['create']).code).toBe(64);
    expect(aapanel(['restore', 'latest', '--force']).code).toBe(64);
    expect(aapanel(['create', '--source', 'folder:../etc', '--target', 'store']).code).toBe(1);
  });

  it('with the fake agent there are no backups, and it says so', () => {
    const env = { ENVIRONMENT: 'development', AGENT: 'fake', HOST: '127.0.0.1', PORT: '15972' };
    const { code, err } = runCli(cwd, ['--lang', 'en', 'backup', 'list'], env);
    expect([code, err]).toEqual([1, expect.stringContaining('there are no real backups')]);
  });
});
