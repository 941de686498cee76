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
          for (const length of [all.length - from, Math.min(3, all.length - from)]) {
            const into = Buffer.alloc(length);
            ring.copy(from, into);
            expect(into).toEqual(all.subarray(from, from + length));
          }
        }
      }
      expect(() => ring.copy(ring.start - 1, Buffer.alloc(1))).toThrow(RangeError);
      expect(() => ring.copy(ring.end, Buffer.alloc(1))).toThrow(RangeError);
      expect(() => ring.copy(ring.end + 1, Buffer.alloc(0))).toThrow(RangeError);
    }),
  );
});
