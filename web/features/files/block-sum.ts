import { sumBlockBytes } from '#shared/file-transfers.ts';

/** Held at once. */
const blocks = 8;
const nothing = new Uint8Array(16);
const nonce = new Uint8Array(12);
const tagBytes = 16;

/** The `gmac` sum of a file (`uploadSum`), made beside the page by the browser's own cryptography. Throws the signal's reason. */
export async function blockSumOf(file: Blob, signal: AbortSignal): Promise<string> {
  const key = await crypto.subtle.importKey('raw', nothing, 'AES-GCM', false, ['encrypt']);
  const tags = new Uint8Array(Math.ceil(file.size / sumBlockBytes) * tagBytes);
  let filled = 0;
  for (let at = 0; at < file.size; at += blocks * sumBlockBytes) {
    signal.throwIfAborted();
    const bytes = new Uint8Array(await file.slice(at, at + blocks * sumBlockBytes).arrayBuffer());
    const made: Promise<ArrayBuffer>[] = [];
    for (let from = 0; from < bytes.length; from += sumBlockBytes) {
      const additionalData = bytes.subarray(from, from + sumBlockBytes);
      made.push(crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, new Uint8Array()));
    }
    for (const tag of await Promise.all(made)) {
      tags.set(new Uint8Array(tag), filled);
      filled += tagBytes;
    }
  }
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', tags));
  return `gmac:${Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
