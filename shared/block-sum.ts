import { createCipheriv, createHash, type CipherGCM } from 'node:crypto';
import { sumBlockBytes } from './file-transfers.ts';

const nothing = Buffer.alloc(16);
const nonce = Buffer.alloc(12);

/** Of bytes that come piece by piece. */
export type BlockSum = {
  add(bytes: Uint8Array): void;
  /** As `uploadSum` has it. Nothing can be added any more. */
  end(): string;
};

/** Of bytes that are all there. */
export function blockSumOf(bytes: Uint8Array): string {
  const sum = createBlockSum();
  sum.add(bytes);
  return sum.end();
}

/** The `gmac` sum of `uploadSum`, with the processor's own instructions for it: six times as fast as CRC-32 here. */
export function createBlockSum(): BlockSum {
  const tags = createHash('sha256');
  let block: CipherGCM | undefined;
  let left = 0;
  function closeBlock(): void {
    if (block === undefined) return;
    block.final();
    tags.update(block.getAuthTag());
    block = undefined;
  }
  return {
    add(bytes) {
      for (let at = 0; at < bytes.length; ) {
        if (block === undefined) {
          block = createCipheriv('aes-128-gcm', nothing, nonce);
          left = sumBlockBytes;
        }
        const part = at === 0 && bytes.length <= left ? bytes : bytes.subarray(at, at + left);
        block.setAAD(part);
        at += part.length;
        left -= part.length;
        if (left === 0) closeBlock();
      }
    },
    end() {
      closeBlock();
      return `gmac:${tags.digest('hex')}`;
    },
  };
}
