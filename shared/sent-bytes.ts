/** Smaller pieces are cut from memory that others have a share in. */
const leastBytes = 16 * 1024;

/**
 * Gives the memory of a piece back that has been sent and that nobody looks at any more. Waiting for the collector costs one
 * of its rounds through everything the process has for each dozen megabytes that only pass by.
 */
export function forgetSent({ buffer, byteLength }: Uint8Array): void {
  const isAlone = byteLength === buffer.byteLength && byteLength >= leastBytes;
  if (isAlone && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
