import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRing } from './ring.ts';

it('TERM-2 whatever is written in whatever pieces, the last bytes are there by their number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.uint8Array({ maxLength: 60 })), (capacity, chunks) => {
      const ring = createRing(capacity);
      let all = Buffer.alloc(0);
      for (const chunk of chunks) {
        ring.push(chunk);
        all = Buffer.concat([all, chunk]);
        expect([ring.start, ring.end]).toEqual([Math.max(0, all.length - capacity), all.length]);
        for (const from of [ring.start, ring.end, Math.floor((ring.start + ring.end) / 2)]) {
          expect(ring.read(from, 1_000)).toEqual(all.subarray(from));
          expect(ring.read(from, 3)).toEqual(all.subarray(from, from + 3));
        }
      }
      expect(() => ring.read(ring.start - 1, 1)).toThrow(RangeError);
      expect(() => ring.read(ring.end + 1, 1)).toThrow(RangeError);
    }),
  );
});
