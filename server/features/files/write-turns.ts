/** What the kernel takes into memory is there in a tenth of this. Longer writes wait for a disk, or for their turn. */
const slowMs = 10;
/** Of its time this thread gives no more than this part to such writes. */
const waitingPart = 1 / 50;

/** Where files are written: in this thread, which answers everybody, or in another. Kept for all writes of the process. */
export type WriteTurns = {
  isHere(): boolean;
  /** Runs a write in this thread. After one that was slow the others are to be made elsewhere for a while. */
  take(write: () => void): void;
};

/**
 * Handing bytes to another thread costs as much as to have them taken into the kernel's memory. But a disk that cannot
 * keep up makes the writer wait, and others would wait with it: the longer a write took, the longer none is made here.
 */
export function createWriteTurns(now: () => number = () => performance.now()): WriteTurns {
  let hereFrom = 0;
  return {
    isHere: () => now() >= hereFrom,
    take(write) {
      const from = now();
      write();
      const to = now();
      if (to - from >= slowMs) hereFrom = to + (to - from) / waitingPart;
    },
  };
}
