import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { defaultLogRotation, type SiteTraffic } from '#shared/logs.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { programs } from '../../test/testing/programs.ts';
import { cleanSiteLogs } from './clean.ts';
import { lookAfterLogs } from './due.ts';
import { logsHandlers } from './logs.actions.ts';
import { setAside } from './set-aside.ts';

const day = 24 * 3_600_000;
const logs = '/www/wwwlogs';

/** A kept connection, so that thousands of requests are quick. */
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

let world: World;
let machine: Machine;
beforeAll(async () => {
  world = await makeWorld({ nginx: 'running' });
  machine = await openMachine(world.settings);
});
afterAll(async () => {
  agent.destroy();
  await machine.settled();
  machine.close();
  world.destroy();
});

const make = async (name: string, more: Partial<SiteSpec> = {}): Promise<SiteSpec> => {
  const spec = specOf(world, name, more);
  const params = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' as const };
  await sitesHandlers['sites.apply'](machine, params, call());
  await visitUntil(world.port, name, ({ status }) => status === 200);
  return spec;
};
const traffic = (spec: SiteSpec, range: 'day' | 'week' | 'month' = 'day') =>
  logsHandlers['logs.traffic'](machine, { site: { siteId: spec.siteId, slug: spec.slug }, range }, call());
/** nginx writes a line after the visitor has the answer. */
const quiet = async (spec: SiteSpec): Promise<SiteTraffic> => {
  for (let seen = await traffic(spec); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    const next = await traffic(spec);
    if (next.total.requests === seen.total.requests && next.unreadable === seen.unreadable) return next;
    seen = next;
  }
};
const ask = (
  host: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; bytes: number }> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: world.port, path, agent, headers: { host, ...headers } };
    request(options, (response) => {
      let bytes = 0;
      response.on('data', (piece: Buffer) => (bytes += piece.length));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
    })
      .on('error', reject)
      .end();
  });
const raw = (text: string | Buffer): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(world.port, '127.0.0.1', () => socket.end(text));
    socket.on('error', () => resolve()).on('close', () => resolve());
    socket.resume();
  });
/** The day of the machine is the next one each time. */
const where = (days: number) => ({ ...machine, now: () => Date.now() + days * day });
const set = (change: object) =>
  logsHandlers['logs.put_rotation'](machine, { ...defaultLogRotation, ...change }, call());
/** Every line of a kind of log, wherever it lies now. */
function allLines(slug: string, kind: string): string[] {
  const kept = world.path(`${logs}/kept/${slug}`);
  const old = existsSync(kept) ? readdirSync(kept).filter((name) => name.startsWith(`${kind}-`)) : [];
  const texts = [
    ...old.sort().map((name) => zstdDecompressSync(readFileSync(`${kept}/${name}`)).toString('latin1')),
    ...['.1', ''].map((end) => {
      const path = world.path(`${logs}/${slug}.${kind}.log${end}`);
      return existsSync(path) ? readFileSync(path, 'latin1') : '';
    }),
  ];
  return texts.join('').split('\n').slice(0, -1);
}

describe.runIf(hasNginx)('with a running nginx', () => {
  it('DOM-1 what is written of a visit, and what is counted of it, as the site says', { timeout: 30_000 }, async () => {
    const seen: Record<string, { last: string; counted: number }> = {};
    for (const [name, accessLog] of [
      ['full', { format: 'full' }],
      ['combined', { format: 'combined' }],
      ['short', { format: 'short' }],
      ['off', { isOn: false }],
    ] as const) {
      const host = `${name}.log.test`;
      const spec = await make(host, { behaviour: siteBehaviour.parse({ accessLog }) });
      const before = (await quiet(spec)).total.requests;
      await ask(host, '/one?x=1', { 'user-agent': 'teller' });
      seen[name] = {
        counted: (await quiet(spec)).total.requests - before,
        last: allLines(host, 'access').at(-1) ?? '',
      };
    }
    const line = '- - \\[[^\\]]+\\] "GET /one\\?x=1 HTTP/1.1" 404 \\d+ "-" "teller"';
    const more = ' \\d+\\.\\d{3} [\\d.-]+';
    expect(seen['full']).toEqual({
      counted: 1,
      last: expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1 ${line}${more}$`)) as string,
    });
    expect(seen['combined']).toEqual({
      counted: 1,
      last: expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1 ${line}$`)) as string,
    });
    expect(seen['short']).toEqual({
      counted: 1,
      last: expect.stringMatching(new RegExp(`^127\\.0\\.0\\.0 ${line}${more}$`)) as string,
    });
    expect(seen['off']).toEqual({ counted: 0, last: '' });
  });

  it('figures of a site are those of an independent count, whatever visitors send', { timeout: 60_000 }, async () => {
    const spec = await make('figures.test');
    const before = await quiet(spec);
    const wanted = { requests: 0, bytes: 0, 200: 0, 404: 0 };
    const pages = new Map<string, number>();
    const send = async (path: string, headers: Record<string, string> = {}): Promise<void> => {
      const { status, bytes } = await ask('figures.test', path, headers);
      wanted.requests++;
      wanted.bytes += bytes;
      wanted[status as 200 | 404]++;
      const key = path.split('?')[0] ?? '';
      pages.set(key, (pages.get(key) ?? 0) + 1);
    };
    const forged = Buffer.from('x [01/Jan/2000:00:00:00 +0000] "GET /forged HTTP/1.1" 500 999999 "-" "y":p').toString(
      'base64',
    );
    await Promise.all(
      Array.from({ length: 400 }, async (_, index) => {
        await send('/', { 'user-agent': `visitor ${index % 40}` });
        await send(`/missing-${index % 3}?password=secret-${index}`, { 'user-agent': 'one "two" \\ {three}' });
        if (index % 10 === 0) await send('/', { authorization: `Basic ${forged}`, referer: '"-" "x" 500 "' });
      }),
    );
    await send('/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1', { 'user-agent': 'z'.repeat(6_000) });
    await send('/%E2%80%AEgnp.exe%1b%5B31m');

    const seen = await quiet(spec);
    const more = (name: 'requests' | 'bytes' | 'succeeded' | 'refused'): number =>
      seen.total[name] - before.total[name];
    expect(seen.isBehind).toBe(false);
    expect({ requests: more('requests'), bytes: more('bytes'), 200: more('succeeded'), 404: more('refused') }).toEqual(
      wanted,
    );
    expect(seen.total.failed).toBe(0);
    expect(seen.unreadable).toBe(0);
    const top = new Map(seen.paths.map(({ key, requests }) => [key, requests]));
    const known = new Map(before.paths.map(({ key, requests }) => [key, requests]));
    for (const key of ['/', '/missing-0', '/missing-1', '/missing-2'])
      expect(top.get(key), key).toBe((known.get(key) ?? 0) + (pages.get(key) ?? 0));
    expect(seen.addresses).toEqual([{ key: '127.0.0.1', requests: seen.total.requests }]);
    expect(JSON.stringify(seen)).not.toMatch(/forged|secret/);
    // 40 programs, the one with quotes, the long one, the one without a name, and the first visits.
    expect(seen.visitors - before.visitors).toBeGreaterThanOrEqual(40);
    expect(seen.visitors - before.visitors).toBeLessThanOrEqual(45);
    const hours = seen.points.reduce((sum, { requests }) => sum + requests, 0);
    expect(hours).toBe(seen.total.requests);
    expect((await traffic(spec, 'month')).total).toEqual(seen.total);
  });

  it('lines that are no requests, cut or endless are survived, and the next ones are counted', async () => {
    const spec = await make('hostile.test');
    const before = await quiet(spec);
    const log = world.path(`${logs}/hostile.test.access.log`);
    appendFileSync(
      log,
      Buffer.concat([Buffer.from([0, 255, 27, 0xe2, 0x80, 0xae, 10]), Buffer.alloc(3_000_000, 0x22)]),
    );
    const inTheMiddle = await traffic(spec);
    expect(inTheMiddle.unreadable).toBe(before.unreadable + 1);
    appendFileSync(log, '\n');
    await raw(Buffer.from([0x16, 3, 1, 0, 200, 10]));
    await ask('hostile.test', '/');
    const after = await quiet(spec);
    expect(after.unreadable).toBe(before.unreadable + 2);
    expect(after.total.requests).toBe(before.total.requests + 1);
    // Somebody empties it: what comes next is counted, and nothing twice.
    writeFileSync(log, '');
    await ask('hostile.test', '/');
    expect((await quiet(spec)).total.requests).toBe(before.total.requests + 2);
  });

  it('no line is lost while logs are set aside under load, each is counted once', { timeout: 120_000 }, async () => {
    const spec = await make('busy.test');
    await quiet(spec);
    await lookAfterLogs(where(0));
    const first = allLines('busy.test', 'access').length;
    let sent = 0;
    let isOver = false;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const { status } = await ask('busy.test', sent % 5 === 0 ? '/none' : '/');
          expect([200, 404]).toContain(status);
          sent++;
        }
      }),
    );
    for (let days = 1; days <= 6; days++) {
      expect(await lookAfterLogs(where(days))).toBe(true);
      const from = sent;
      while (sent < from + 200) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    isOver = true;
    await load;
    const { total } = await quiet(spec);
    const lines = allLines('busy.test', 'access');
    expect(lines).toHaveLength(first + sent);
    expect(new Set(lines).size).toBe(lines.length);
    expect(readdirSync(world.path(`${logs}/kept/busy.test`)).filter((name) => name.startsWith('access-'))).toHaveLength(
      5,
    );
    expect(total.requests).toBe(lines.length);
    // Nobody but root reads what was set aside.
    expect(statSync(world.path(`${logs}/kept/busy.test`)).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(world.path(logs)).filter((each) => /\.log(\.1)?$/.test(each)))
      expect(statSync(world.path(`${logs}/${name}`)).mode & 0o007, name).toBe(0);
  });

  it('as many logs are kept as is said, a large one is set aside before its time, and a quiet one never', async () => {
    const spec = await make('kept.test');
    await set({ every: 'month', maxMib: 1, keep: 3 });
    const log = world.path(`${logs}/kept.test.access.log`);
    const error = statSync(world.path(`${logs}/kept.test.error.log`)).ino;
    for (let round = 0; round < 5; round++) {
      await lookAfterLogs(where(0));
      appendFileSync(log, `${`${round}`.repeat(1_100_000)}\n`);
      await lookAfterLogs(where(0));
      expect(statSync(log).size).toBe(0);
    }
    const kept = readdirSync(world.path(`${logs}/kept/kept.test`));
    expect(kept).toHaveLength(2);
    expect(allLines('kept.test', 'access').map((line) => line[0])).toEqual(['2', '3', '4']);
    expect(statSync(world.path(`${logs}/kept.test.error.log`)).ino).toBe(error);
    const state = await logsHandlers['logs.rotation'](machine, {}, call());
    expect(state).toMatchObject({ rotation: { every: 'month', maxMib: 1, keep: 3 }, failures: 0 });
    expect(state.kept.files).toBeGreaterThanOrEqual(3);
    expect(state.lastRunAt).not.toBeNull();
    expect((await traffic(spec)).unreadable).toBe(5);
    await set({});
  });

  it('old logs go by age and by size, those of one site alone when that is asked; no link leads elsewhere', async () => {
    const own = await make('clean.test');
    await make('other.test');
    const folder = (slug: string): string => world.path(`${logs}/kept/${slug}`);
    const old = (slug: string, name: string, bytes: number): void => {
      mkdirSync(folder(slug), { recursive: true });
      writeFileSync(`${folder(slug)}/${name}`, 'x'.repeat(bytes));
    };
    const stamp = (daysAgo: number): string =>
      new Date(Date.now() - daysAgo * day).toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
    for (const slug of ['clean.test', 'other.test', 'gone.test'])
      for (const daysAgo of [40, 10, 5, 1]) old(slug, `access-${stamp(daysAgo)}-00.log.zst`, 600_000);
    old('clean.test', 'notes.txt', 10);
    const precious = world.path('/precious');
    writeFileSync(precious, 'kept');
    symlinkSync(precious, `${folder('clean.test')}/error-${stamp(99)}-00.log.zst`);
    symlinkSync(world.path('/'), folder('linked.test'));
    const count = (slug: string): number =>
      readdirSync(folder(slug)).filter((name) => name.startsWith('access-')).length;
    const clean = (more: object) =>
      cleanSiteLogs(machine, { siteId: null, rotates: false, maxAgeDays: null, maxMib: null, ...more });
    const aged = await clean({ siteId: own.siteId, maxAgeDays: 30 });
    expect(aged).toMatchObject({ failures: 0, removed: [{ bytes: 600_000 }] });
    expect([count('clean.test'), count('other.test'), count('gone.test')]).toEqual([3, 4, 4]);
    // One mebibyte holds the newest one of them.
    await clean({ siteId: own.siteId, maxMib: 1 });
    expect(readdirSync(folder('clean.test')).filter((name) => name.startsWith('access-'))).toEqual([
      expect.stringContaining(stamp(1).slice(0, 8)) as string,
    ]);
    // All sites, also those that are gone.
    await clean({ maxAgeDays: 7 });
    expect([count('clean.test'), count('other.test'), count('gone.test')]).toEqual([1, 2, 2]);
    expect(readdirSync(folder('clean.test'))).toContain('notes.txt');
    expect(readFileSync(precious, 'utf8')).toBe('kept');
    // What is written now is set aside when that is wanted, and stays.
    appendFileSync(world.path(`${logs}/clean.test.access.log`), 'the last line\n');
    await clean({ siteId: own.siteId, rotates: true, maxAgeDays: 1, maxMib: 1 });
    expect(readFileSync(world.path(`${logs}/clean.test.access.log.1`), 'utf8')).toContain('the last line');
    expect(statSync(world.path(`${logs}/other.test.access.log`)).size).toBeGreaterThan(0);
    unlinkSync(folder('linked.test'));
  });

  it('a removal takes the older logs along, and they come back with it', async () => {
    const spec = await make('removed.test');
    for (const days of [20, 21, 22]) {
      // nginx opens the new log a moment later than it was told to: until then its lines go into the one set aside.
      const written = async () => {
        await ask('removed.test', '/');
        return statSync(world.path(`${logs}/removed.test.access.log`)).size;
      };
      await expect.poll(written).toBeGreaterThan(0);
      await lookAfterLogs(where(days));
    }
    const lines = allLines('removed.test', 'access');
    const site = { siteId: spec.siteId, slug: spec.slug };
    const { items, confirm } = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call());
    expect(items.map(({ path }) => path)).toContain(`${logs}/kept/removed.test`);
    const changeId = newChangeId();
    const removal = { site, root: spec.root, changeId, files: 'recycle' as const, confirm };
    await sitesHandlers['sites.remove'](machine, removal, call());
    await machine.settled();
    expect(readdirSync(world.path(logs)).filter((name) => name.includes('removed.test'))).toEqual([]);
    expect(existsSync(world.path(`${logs}/kept/removed.test`))).toBe(false);
    await sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId: changeId }, call());
    expect(allLines('removed.test', 'access').slice(0, lines.length)).toEqual(lines);
  });
});

describe('setting aside', () => {
  const path = (name: string) => world.path(`${logs}/${name}`);
  const rotation = { ...defaultLogRotation, keep: 2 };
  beforeAll(() => mkdirSync(world.path(logs), { recursive: true, mode: 0o711 }));

  it('never follows a link: neither the log, nor the last one, nor the folder of older ones', async () => {
    const victim = `${world.folder}/victim`;
    writeFileSync(victim, 'precious\n');
    symlinkSync(victim, path('link.access.log'));
    await expect(setAside(machine, 'link', 'access', rotation)).rejects.toThrow();
    unlinkSync(path('link.access.log'));
    writeFileSync(path('link.access.log'), 'mine\n');
    symlinkSync(victim, path('link.access.log.1'));
    await expect(setAside(machine, 'link', 'access', rotation)).rejects.toThrow();
    unlinkSync(path('link.access.log.1'));
    writeFileSync(path('link.access.log.1'), 'older\n');
    mkdirSync(`${world.folder}/elsewhere`);
    mkdirSync(path('kept'), { recursive: true });
    symlinkSync(`${world.folder}/elsewhere`, path('kept/link'));
    await expect(setAside(machine, 'link', 'access', rotation)).rejects.toThrow();
    expect(readFileSync(victim, 'utf8')).toBe('precious\n');
    expect(readdirSync(`${world.folder}/elsewhere`)).toEqual([]);
    expect(readFileSync(path('link.access.log'), 'utf8')).toBe('mine\n');
    rmSync(path('kept/link'));
  });

  it('goes on after it was cut off at any step', async () => {
    const lines = () => allLines('cut', 'error');
    // Between the second name and the new log.
    writeFileSync(path('cut.error.log'), 'one\n');
    linkSync(path('cut.error.log'), path('cut.error.log.1'));
    await setAside(machine, 'cut', 'error', rotation);
    expect(lines()).toEqual(['one']);
    expect(lstatSync(path('cut.error.log')).size).toBe(0);
    // Between the compressed file and the end of the last one: done again, not twice, whatever was written in the same instant.
    const at = new Date(1_700_000_000_000);
    const put = (text: string): void => {
      writeFileSync(path('cut.error.log'), text);
      utimesSync(path('cut.error.log'), at, at);
    };
    const keepAll = { ...rotation, keep: 9 };
    utimesSync(path('cut.error.log.1'), at, at);
    put('two\n');
    const last = readFileSync(path('cut.error.log.1'));
    await setAside(machine, 'cut', 'error', keepAll);
    renameSync(path('cut.error.log.1'), path('cut.error.log'));
    writeFileSync(path('cut.error.log.1'), last);
    utimesSync(path('cut.error.log.1'), at, at);
    await setAside(machine, 'cut', 'error', keepAll);
    put('three\n');
    await setAside(machine, 'cut', 'error', keepAll);
    expect(readdirSync(path('kept/cut')).sort()).toEqual([
      'error-20231114-221320-000-00.log.zst',
      'error-20231114-221320-000-01.log.zst',
    ]);
    expect(lines()).toEqual(['one', 'two', 'three']);
    // A half written one from before is in nobody's way.
    writeFileSync(path('kept/cut/.error.part'), 'half');
    writeFileSync(path('cut.error.log'), 'four\n');
    await setAside(machine, 'cut', 'error', keepAll);
    expect(lines()).toEqual(['one', 'two', 'three', 'four']);
  });

  it('of a program that keeps its log open empties the same file', async () => {
    const log = path('program.app.log');
    writeFileSync(log, 'begin\n');
    const program = spawn('/bin/sh', ['-c', 'while read -r line; do echo "$line"; done >>"$0"', log], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const say = async (text: string): Promise<void> => {
      const size = statSync(log).size;
      program.stdin.write(`${text}\n`);
      while (statSync(log).size === size) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await say('first');
    await setAside(machine, 'program', 'app', rotation);
    await say('second');
    await setAside(machine, 'program', 'app', rotation);
    await say('third');
    program.stdin.end();
    expect(allLines('program', 'app')).toEqual(['begin', 'first', 'second', 'third']);
    expect(readFileSync(log, 'utf8')).toBe('third\n');
  });
});

it('what the timer starts does it as a process of its own, and two of them never at once', async () => {
  const record = world.path('/../state/logs/last-run.json');
  const run = (): Promise<number | null> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [programs.agent, '--logs-due'], {
        env: { AAPANEL_AGENT_STATE: world.settings.stateFolder, AAPANEL_AGENT_PREFIX: world.prefix },
        stdio: 'ignore',
      });
      child.on('exit', resolve);
    });
  if (existsSync(record)) renameSync(record, `${record}.old`);
  expect(await Promise.all([run(), run()])).toEqual([0, 0]);
  expect(existsSync(record)).toBe(true);
  expect((await traffic(await make('timer.test'))) satisfies SiteTraffic).toMatchObject({ isBehind: false });
});
