import type { NameLimits } from './names.ts';

const mebibyte = 1024 * 1024;

export type ExtractLimits = NameLimits & {
  /** Files, links and folders together, also folders that only the names of others tell of. */
  readonly entries: number;
  /** Bytes of the archive once it is unpacked, headers counted. */
  readonly totalBytes: number;
  /** What a decompressor may hold. */
  readonly decoderMemoryBytes: number;
  /** Unpacked to packed, beyond the first `ratioFreeBytes`. */
  readonly ratio: number;
  readonly ratioFreeBytes: number;
};

/** What no archive may exceed, whoever signed it. */
const nameLimits: NameLimits = { depth: 64, pathBytes: 4096, componentBytes: 255 };

/** For archives that somebody brings along; an administrator may raise them. */
export const foreignLimits: ExtractLimits = {
  ...nameLimits,
  entries: 500_000,
  totalBytes: 50_000_000_000,
  decoderMemoryBytes: 128 * mebibyte,
  ratio: 100,
  ratioFreeBytes: 16 * mebibyte,
};

/** Most that headers, long names and padding add to one entry. */
const overheadPerEntry = 3 * 512 + 2 * 4096 + 2 * 512 + 511;

/** For our own archives: what their signed manifest says, and not one entry more. */
export function ownLimits(entries: number, contentBytes: number): ExtractLimits {
  return {
    ...nameLimits,
    entries,
    // The end of a tar is padded to whole records.
    totalBytes: contentBytes + entries * overheadPerEntry + 2 * mebibyte,
    decoderMemoryBytes: 128 * mebibyte,
    ratio: Number.POSITIVE_INFINITY,
    ratioFreeBytes: 0,
  };
}
