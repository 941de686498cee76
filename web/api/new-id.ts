/** An id as the panel makes them, for what is named by whoever adds it: saving twice adds one thing. */
export function newId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => letters.charAt(byte % 32)).join('');
}
