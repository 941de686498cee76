import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditLine } from '#shared/agent/audit.ts';
import { startTestAgent, type TestAgent } from '../testing/panel.ts';
import { mustWork, panel } from '../testing/people.ts';
import { newChangeId } from '../testing/world.ts';

let agent: TestAgent;
beforeEach(async () => {
  agent = await startTestAgent();
});
afterEach(() => agent.close());

const folder = (): string => `${agent.world.settings.stateFolder}/audit`;
const segments = (): string[] => readdirSync(folder()).filter((name) => name.endsWith('.jsonl'));
const fileOf = (index = 0): string => `${folder()}/${segments()[index]}`;
const lines = (): string[] => readFileSync(fileOf(), 'utf8').trimEnd().split('\n');
const putLines = (texts: string[]): void => writeFileSync(fileOf(), `${texts.join('\n')}\n`);

const entry = (more: object = {}) => ({
  entryId: newChangeId(),
  outcome: 'started',
  at: new Date().toISOString(),
  actorId: newChangeId(),
  actorName: 'أحمد',
  action: 'sites.apply',
  target: 'example.com',
  address: '2001:db8::1',
  requestId: 'r-1',
  detail: '{"before":null}',
  ...more,
});

async function add(...additions: object[]): Promise<{ sequence: number; mac: string }[]> {
  return mustWork(await agent.ask('audit.append', { additions }, panel)).result?.['lines'] as [];
}
async function addMany(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await add(entry());
}
const verify = async () => mustWork(await agent.ask('audit.verify', {}, panel)).result;
const read = async (from: number, limit = 500) =>
  mustWork(await agent.ask('audit.read', { from, limit }, panel)).result as { lines: AuditLine[]; last: number };

it('nothing was written yet: nothing is wrong', async () => {
  expect(await verify()).toEqual({ lineCount: 0, fault: null });
  expect(await read(1)).toEqual({ lines: [], last: 0 });
});

it('AUD-1 lines are numbered without a gap, read from anywhere, and go on after a restart', async () => {
  const first = await add(entry(), entry());
  expect(first.map(({ sequence }) => sequence)).toEqual([1, 2]);
  await agent.restart();
  const [third] = await add(entry({ target: 'third' }));
  expect(third?.sequence).toBe(3);
  const { lines: got, last } = await read(2);
  expect(last).toBe(3);
  expect(got.map(({ sequence, target }) => [sequence, target])).toEqual([
    [2, 'example.com'],
    [3, 'third'],
  ]);
  expect(await verify()).toEqual({ lineCount: 3, fault: null });
  expect((await read(2, 1)).lines).toHaveLength(1);
});

it('an entry that is asked for twice is written once, also after a restart; its outcome is another line', async () => {
  const started = entry();
  const [first] = await add(started);
  expect(await add(started)).toEqual([first]);
  await agent.restart();
  expect(await add(started, { ...started, outcome: 'done' }, started)).toEqual([
    first,
    expect.objectContaining({ sequence: 2 }),
    first,
  ]);
  expect(await verify()).toEqual({ lineCount: 2, fault: null });
});

it('many at once are all there', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => add(entry())));
  expect(new Set(answers.map(([line]) => line?.sequence)).size).toBe(40);
  expect(await verify()).toEqual({ lineCount: 40, fault: null });
});

it('L-9 is for root only', async () => {
  await add(entry());
  for (const path of [fileOf(), `${folder()}/head.json`, `${agent.world.settings.stateFolder}/keys/audit`])
    expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('a new file begins after four megabytes, and the chain goes on through it', async () => {
  for (let round = 0; round < 4; round++)
    await add(...Array.from({ length: 80 }, () => entry({ detail: 'x'.repeat(16 * 1024) })));
  await add(entry({ target: 'behind' }));
  expect(segments().length).toBeGreaterThan(1);
  expect(await verify()).toEqual({ lineCount: 321, fault: null });
  expect((await read(321)).lines).toMatchObject([{ sequence: 321, target: 'behind' }]);
  expect((await read(1)).lines.at(-1)?.sequence).toBeLessThan(600);
  rmSync(fileOf(0));
  expect(await verify()).toMatchObject({ fault: { sequence: 1, kind: 'missing' } });
});

describe('it is found and named when a line', () => {
  beforeEach(() => addMany(6));

  it('AUD-1 L-9 was changed', async () => {
    putLines(lines().map((text, index) => (index === 3 ? text.replace('example.com', 'example.org') : text)));
    expect(await verify()).toMatchObject({
      lineCount: 3,
      fault: { sequence: 4, kind: 'changed', file: segments()[0] },
    });
  });

  it('AUD-1 L-9 was changed together with its MAC', async () => {
    const forged = lines().map((text, index) =>
      index === 3 ? text.replace('example.com', 'example.org').replace(/"mac":"[0-9a-f]{4}/, '"mac":"0000') : text,
    );
    putLines(forged);
    expect(await verify()).toMatchObject({ fault: { sequence: 4, kind: 'changed' } });
  });

  it('AUD-1 L-9 was removed', async () => {
    putLines(lines().toSpliced(2, 1));
    expect(await verify()).toMatchObject({ fault: { sequence: 3, kind: 'missing' } });
  });

  it('AUD-1 L-9 was removed at the beginning', async () => {
    putLines(lines().slice(2));
    expect(await verify()).toMatchObject({ fault: { sequence: 1, kind: 'missing' } });
  });

  it('AUD-1 L-9 was moved', async () => {
    const [a = '', b = '', c = '', d = '', ...rest] = lines();
    putLines([a, b, d, c, ...rest]);
    expect(await verify()).toMatchObject({ fault: { sequence: 3, kind: 'moved' } });
  });

  it('stands there twice', async () => {
    const all = lines();
    putLines([...all.slice(0, 4), all[1] ?? '', ...all.slice(4)]);
    expect(await verify()).toMatchObject({ fault: { sequence: 2, kind: 'moved' } });
  });

  it('is no line', async () => {
    putLines(lines().map((text, index) => (index === 4 ? '{' : text)));
    expect(await verify()).toMatchObject({ fault: { sequence: 5, kind: 'unreadable' } });
  });

  it.each(['while it runs', 'while it was ended'])('AUD-1 L-9 was cut off at the end %s', async (when) => {
    if (when !== 'while it runs') await agent.restart();
    putLines(lines().slice(0, 4));
    expect(await verify()).toMatchObject({ lineCount: 4, fault: { sequence: 5, kind: 'cut_off' } });
    // The log goes on, and the gap stays to be found.
    const [next] = await add(entry());
    expect(next?.sequence).toBe(7);
    expect(await verify()).toMatchObject({ fault: { sequence: 5, kind: 'missing' } });
    expect((await read(7)).lines).toMatchObject([{ sequence: 7 }]);
  });

  it('AUD-1 L-9 was cut off together with the head', async () => {
    putLines(lines().slice(0, 4));
    rmSync(`${folder()}/head.json`);
    expect(await verify()).toMatchObject({ fault: { sequence: 5, kind: 'cut_off' } });
    await agent.restart();
    await add(entry());
    expect(await verify()).toMatchObject({ fault: { sequence: 5, kind: 'cut_off' } });
  });

  it('AUD-1 L-9 was taken away with all others', async () => {
    rmSync(fileOf());
    expect(await verify()).toMatchObject({ lineCount: 0, fault: { sequence: 1, kind: 'cut_off' } });
  });

  it('AUD-1 L-9 was added by somebody without the key', async () => {
    const last = JSON.parse(lines().at(-1) ?? '') as AuditLine;
    appendFileSync(fileOf(), `${JSON.stringify({ ...last, entryId: newChangeId(), sequence: 7 })}\n`);
    expect(await verify()).toMatchObject({ fault: { sequence: 7, kind: 'changed' } });
  });
});

it('FAULT-1 a last line that a crash cut in the middle is cut off, noted, and the chain is whole', async () => {
  await addMany(3);
  await agent.restart();
  appendFileSync(fileOf(), (lines()[2] ?? '').slice(0, 40));
  await add(entry({ target: 'after' }));
  const { lines: got } = await read(4);
  expect(got).toMatchObject([{ action: 'audit.repair', actorName: 'agent' }, { target: 'after' }]);
  expect(await verify()).toEqual({ lineCount: 5, fault: null });
});

it('FAULT-1 a crash between line and head leaves both right', async () => {
  await addMany(2);
  const head = readFileSync(`${folder()}/head.json`);
  await addMany(1);
  await agent.restart();
  writeFileSync(`${folder()}/head.json`, head);
  expect(await verify()).toEqual({ lineCount: 3, fault: null });
  expect((await add(entry()))[0]?.sequence).toBe(4);
  expect(await verify()).toEqual({ lineCount: 4, fault: null });
});

it('a file that is replaced while the agent runs is written to, not the one that is gone', async () => {
  await addMany(2);
  const text = readFileSync(fileOf());
  rmSync(fileOf());
  writeFileSync(`${folder()}/000000000001.jsonl`, text, { mode: 0o600 });
  await addMany(1);
  expect(await verify()).toEqual({ lineCount: 3, fault: null });
  truncateSync(fileOf(), 10);
  await addMany(1);
  expect(existsSync(fileOf())).toBe(true);
  expect((await verify())?.['fault']).not.toBeNull();
});

it('a line is on the disk within five milliseconds, most of the time', async () => {
  await addMany(5);
  const times: number[] = [];
  for (let round = 0; round < 41; round++) {
    const from = performance.now();
    await add(entry());
    times.push(performance.now() - from);
  }
  const median = times.toSorted((a, b) => a - b)[20] ?? 0;
  // On a machine that others use meanwhile: far from what a person could notice.
  expect(median).toBeLessThan(25);
  process.stdout.write(`audit.append: median ${median.toFixed(2)} ms\n`);
});
