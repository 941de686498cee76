import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import { id, instant } from '#shared/http.ts';
import type { ByteSource } from '../../archives/byte-source.ts';
import { subKey } from '../keys.ts';

/*
 * How an export travels: a line that says what it is, one line of JSON as its head, and sealed chunks. AES-256-GCM per
 * chunk under a key for this one file; the number of the chunk is its nonce, and head, number and "this is the last" are
 * authenticated with it, so that chunks cannot be changed, moved, left out or cut off.
 *
 *   aapanel-export/1\n · head\n · (length: 4 bytes, the highest bit says last · sealed bytes · tag: 16 bytes) …
 */

const magic = 'aapanel-export/1\n';
const chunkBytes = 1024 * 1024;
const tagBytes = 16;
const lastBit = 0x8000_0000;
const longestHead = 4096;

const exportHead = z.strictObject({
  setId: id,
  createdAt: instant,
  /** Recovery key that opens it. */
  recoveryKeyId: id,
  salt: z.base64().length(44),
});
export type ExportHead = z.infer<typeof exportHead>;

export const newHead = (given: Omit<ExportHead, 'salt'>): ExportHead => ({
  ...given,
  salt: randomBytes(32).toString('base64'),
});

export function damaged(cause?: unknown): AppError {
  return new AppError('invalid_request', 'The file is damaged or was changed.', {
    reason: 'backup_export_damaged',
    cause,
  });
}

/** `wrap`: the sub-key of the recovery key that the ring keeps; a sub-key of it opens exports. */
function keyOf(wrap: Buffer, { salt }: ExportHead): Buffer {
  return Buffer.from(hkdfSync('sha256', subKey(wrap, 'export'), Buffer.from(salt, 'base64'), 'aapanel-export/1', 32));
}

const headText = (head: ExportHead): string => `${magic}${canonicalJson(head)}\n`;

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 4);
  return nonce;
}

function boundTo(headSum: Buffer, isLast: boolean): Buffer {
  return Buffer.concat([headSum, Buffer.from([isLast ? 1 : 0])]);
}

/** The whole file, from the plain stream. */
export async function* seal(wrap: Buffer, head: ExportHead, plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const key = keyOf(wrap, head);
  const text = Buffer.from(headText(head));
  const headSum = createHash('sha256').update(text).digest();
  yield text;
  let number = 0;
  const sealChunk = (chunk: Buffer, isLast: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++)).setAAD(boundTo(headSum, isLast));
    const sealed = Buffer.concat([cipher.update(chunk), cipher.final()]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE((isLast ? lastBit : 0) + sealed.length);
    return Buffer.concat([length, sealed, cipher.getAuthTag()]);
  };
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of plain) {
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, chunkBytes - size);
      rest = rest.subarray(part.length);
      waiting.push(part);
      size += part.length;
      if (size < chunkBytes) continue;
      yield sealChunk(Buffer.concat(waiting), false);
      waiting = [];
      size = 0;
    }
  }
  yield sealChunk(Buffer.concat(waiting), true);
}

/** Reads the head. Nothing of it is to be believed before the first chunk opens. */
export async function readHead(source: ByteSource): Promise<{ head: ExportHead; text: string }> {
  try {
    let text = '';
    while ((text.match(/\n/g) ?? []).length < 2) {
      if (text.length > longestHead) throw damaged();
      text += (await source.exactly(1)).toString('latin1');
    }
    const [first = '', second = ''] = text.split('\n');
    const head = exportHead.parse(JSON.parse(second));
    // One way to write it only.
    if (`${first}\n` !== magic || headText(head) !== text) throw damaged();
    return { head, text };
  } catch (cause) {
    throw damaged(cause);
  }
}

/**
 * The plain stream. Throws `backup_export_key` when the first chunk does not open (another key, or another head), and
 * `backup_export_damaged` for a later one, for a missing end and for what stands behind it.
 */
export async function* unseal(
  wrap: Buffer,
  { head, text }: { head: ExportHead; text: string },
  source: ByteSource,
): AsyncGenerator<Buffer> {
  const key = keyOf(wrap, head);
  const headSum = createHash('sha256').update(text).digest();
  for (let number = 0, isLast = false; !isLast; number++) {
    let opened: Buffer;
    try {
      const length = (await source.exactly(4)).readUInt32BE();
      isLast = length >= lastBit;
      const size = isLast ? length - lastBit : length;
      if (size > chunkBytes) throw damaged();
      const sealed = await source.exactly(size);
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: tagBytes });
      decipher.setAAD(boundTo(headSum, isLast)).setAuthTag(await source.exactly(tagBytes));
      opened = Buffer.concat([decipher.update(sealed), decipher.final()]);
    } catch (cause) {
      if (number > 0) throw damaged(cause);
      throw new AppError('not_allowed', 'The recovery key does not open this file.', {
        reason: 'backup_export_key',
        cause,
      });
    }
    if (opened.length > 0) yield opened;
  }
  if (await source.hasMore()) throw damaged('something stands behind the end');
}
