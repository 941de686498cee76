import { z } from 'zod';
import { readText } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { placeOf } from './shelf.ts';

/*
 * What was last seen of the files of a certificate that another tool keeps.
 */

const seen = z.object({
  /** Of both files: another one means that they have changed. */
  mark: z.string(),
  /** Why they were not taken up; null: they are served. */
  fault: z.object({ why: z.string(), at: z.number() }).nullable(),
});
export type Seen = z.infer<typeof seen>;

type Where = Pick<Machine, 'stateFolder'>;

const pathOf = (where: Where, certificateId: string): string => `${placeOf(where, certificateId).folder}/seen.json`;

export function readSeen(where: Where, certificateId: string): Seen | undefined {
  const text = readText(pathOf(where, certificateId));
  const parsed = text === undefined ? undefined : seen.safeParse(JSON.parse(text));
  return parsed?.success === true ? parsed.data : undefined;
}

export async function writeSeen(where: Where, certificateId: string, facts: Seen): Promise<void> {
  await putJsonFile(pathOf(where, certificateId), facts);
}
