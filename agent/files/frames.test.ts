import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createFrameReader, orStopped, sendFrames } from './frames.ts';

const way = (): Duplex => new PassThrough();
const on = { signal: new AbortController().signal };
const textOf = async (reader: ReturnType<typeof createFrameReader>): Promise<string> => {
  let text = '';
  for (let piece = await reader.next(); piece !== null; piece = await reader.next()) text += piece.toString();
  return text;
};

it('FILE-4 transfers that follow each other on one way lose nothing, however their bytes arrive together', async () => {
  const all = way();
  for (const text of ['one', '', 'two']) await sendFrames(all, Readable.from([Buffer.from(text)]), on);
  all.end();
  const bytes = await buffer(all);
  for (let cut = 1; cut < bytes.length; cut++) {
    const one = way();
    one.write(bytes.subarray(0, cut));
    one.write(bytes.subarray(cut));
    const texts: string[] = [];
    for (let round = 0; round < 3; round++) texts.push(await textOf(createFrameReader(one)));
    expect([cut, texts]).toEqual([cut, ['one', '', 'two']]);
  }
});

it('FILE-4 what is broken off is told, and what was still on its way is no part of the next one', async () => {
  const one = way();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new Error('gone');
    })(),
  );
  await sendFrames(one, broken, on);
  await sendFrames(one, Readable.from([Buffer.from('next')]), { ...on, expected: 4 });
  await sendFrames(one, Readable.from([Buffer.from('short')]), { ...on, expected: 6 });
  const reader = createFrameReader(one);
  // Somebody looked and did not wait: the look takes its piece all the same.
  void reader.next();
  await reader.drain();
  await expect(reader.next()).rejects.toThrow('broken off');
  expect(await textOf(createFrameReader(one))).toBe('next');
  await expect(textOf(createFrameReader(one))).rejects.toThrow('broken off');
  const waiting = createFrameReader(one).next();
  one.destroy();
  await expect(waiting).rejects.toThrow('gone');
});

it('FILE-4 a piece that has gone takes no memory any more, unless others have a share in it', async () => {
  const arrived: Buffer[] = [];
  const copying = new Duplex({
    read: () => undefined,
    write(bytes: Buffer, _encoding, done) {
      arrived.push(Buffer.from(bytes));
      done();
    },
  });
  const alone = Buffer.alloc(64 * 1024, 'a');
  const shared = Buffer.alloc(64 * 1024, 'b').subarray(1);
  const kept = Buffer.alloc(64 * 1024, 'c');
  await sendFrames(copying, Readable.from([alone, shared]), { ...on, isOurs: true });
  await sendFrames(copying, Readable.from([kept]), on);
  expect([alone, shared, kept].map(({ length }) => length)).toEqual([0, 65_535, 65_536]);
  expect(
    arrived.filter(({ length }) => length > 4).map((bytes) => bytes.toString('latin1', 0, 1) + bytes.length),
  ).toEqual(['a65536', 'b65535', 'c65536']);
});

it('FILE-4 whoever waits for pieces until a signal keeps none of them, and hears of it at once', async () => {
  const stop = new AbortController();
  const held: WeakRef<object>[] = [];
  for (let round = 0; round < 20; round++) {
    const piece = await orStopped(Promise.resolve({ bytes: Buffer.alloc(1024 * 1024) }), stop.signal);
    held.push(new WeakRef(piece as object));
  }
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await new Promise((resolve) => setImmediate(resolve));
  (runInNewContext('gc') as () => void)();
  expect(held.filter((each) => each.deref() !== undefined).length).toBeLessThan(3);
  const waiting = orStopped(new Promise(() => undefined), stop.signal);
  stop.abort();
  expect(await waiting).toBe('stopped');
  expect(await orStopped(Promise.reject(new Error('late')), stop.signal)).toBe('stopped');
});
