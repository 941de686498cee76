import { expect, it } from 'vitest';
import { createFrameReader, encodeFrame, maxFrameBytes } from './terminal-frames.ts';

const frames = [
  [2, ''],
  [17, 'x'],
  [2, 'ملف '.repeat(2_000)],
  [3, '{}'],
] as const;
const bytes = Buffer.concat(frames.map(([type, rest]) => encodeFrame(type, Buffer.from(rest))));

it('TERM-2 frames come whole however their bytes are cut, and do not change when what was handed in is used again', () => {
  for (const step of [1, 3, 7, 4_096, bytes.length]) {
    const seen: [number, Uint8Array][] = [];
    const read = createFrameReader((type, rest) => void seen.push([type, rest]));
    const once = Buffer.alloc(step);
    for (let at = 0; at < bytes.length; at += step) read(once.subarray(0, bytes.copy(once, 0, at, at + step)));
    expect(seen.map(([type, rest]) => [type, Buffer.from(rest).toString()])).toEqual(frames);
  }
});

it('TERM-2 a frame that is empty or longer than allowed ends the reading before memory is given to it', () => {
  const given: number[] = [];
  const room = (length: number): Uint8Array => {
    given.push(length);
    return new Uint8Array(length);
  };
  const head = (length: number): Buffer => {
    const four = Buffer.alloc(4);
    four.writeUInt32BE(length);
    return four;
  };
  const read = (length: number): void => createFrameReader(() => undefined, room)(head(length));
  for (const length of [0, maxFrameBytes + 2, 0xffff_ffff]) expect(() => read(length)).toThrow(RangeError);
  expect(given).toEqual([]);
  read(maxFrameBytes + 1);
  expect(given).toEqual([maxFrameBytes + 1]);
});
