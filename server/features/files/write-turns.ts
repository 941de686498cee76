/** What the kernel takes into memory is there in a tenth of this. Longer writes wait for a disk, or for their turn. */
const slowMs = 10;
/** Of its time this thread gives no more than this part to such writes … */
const waitingPart = 1 / 50;
/** … counted over as long as it takes to have this much of it. */
const mostWaitingMs = 50;

/** Where files are written: in this thread, which answers everybody, or in another. Kept for all writes of the process. */
export type WriteTurns = {
  isHere(): boolean;
  /** Runs a write in this thread. After slow ones the others are to be made elsewhere for a while. */
  take(write: () => void): void;
};

/**
 * Handing bytes to another thread costs as much as to have them taken into the kernel's memory. But a disk that cannot
 * keep up makes the writer wait, and others would wait with it: the longer the writes took, the longer none is made here.
 */
export function createWriteTurns(now: () => number = () => performance.now()): WriteTurns {
  let hereFrom = now() - mostWaitingMs / waitingPart;
  return {
    isHere: () => now() >= hereFrom,
    take(write) {
      const from = now();
      write();
      const to = now();
      const free = to - mostWaitingMs / waitingPart;
      if (to - from >= slowMs) hereFrom = Math.max(hereFrom, free) + (to - from) / waitingPart;
    },
  };
}
