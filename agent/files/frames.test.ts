import { Duplex, PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createFrameReader, sendFrames } from './frames.ts';

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
