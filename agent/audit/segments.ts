import { listNames, readBytes } from '../core/files.ts';

/*
 * The files of the audit log: `<number of the first line>.jsonl`, each up to about 4 MB. Nothing in them is ever changed.
 */

export const segmentBytes = 4 * 1024 * 1024;
/** A whole request of lines may go over the limit at once. */
const largestSegment = segmentBytes + 16 * 1024 * 1024;

export type Segment = { readonly name: string; readonly path: string; readonly first: number };

export const auditFolder = (stateFolder: string): string => `${stateFolder}/audit`;
export const headPath = (stateFolder: string): string => `${auditFolder(stateFolder)}/head.json`;

export function segmentName(first: number): string {
  return `${String(first).padStart(12, '0')}.jsonl`;
}

/** Oldest first. */
export function listSegments(stateFolder: string): Segment[] {
  const folder = auditFolder(stateFolder);
  return listNames(folder).flatMap((name) => {
    const first = /^(\d{12})\.jsonl$/.exec(name)?.[1];
    return first === undefined ? [] : [{ name, path: `${folder}/${name}`, first: Number(first) }];
  });
}

/** Whole lines, and what stands behind the last line end: empty unless a write was cut off. */
export function readSegment({ path }: Segment): {
  readonly lines: string[];
  readonly torn: Buffer;
  readonly size: number;
} {
  const bytes = readBytes(path, largestSegment) ?? Buffer.alloc(0);
  const end = bytes.lastIndexOf(10) + 1;
  const text = bytes.subarray(0, end).toString('utf8');
  return { lines: text === '' ? [] : text.slice(0, -1).split('\n'), torn: bytes.subarray(end), size: bytes.length };
}
