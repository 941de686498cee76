import { z } from 'zod';
import { readText } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';

/*
 * What authorities were last heard to say of certificates, by the fingerprint: a new version begins without.
 */

const said = z.object({
  fingerprint: z.string(),
  word: z.enum(['good', 'revoked', 'unknown']),
  /** Epoch ms of the look; of `revoked`: of the first one that said so. */
  at: z.number(),
});
export type Said = z.infer<typeof said>;

const looked = z.object({ at: z.number() });

type Where = Pick<Machine, 'stateFolder'>;

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/certificates`;
const pathOf = (where: Where, certificateId: string): string => `${folderOf(where)}/${certificateId}/revocation.json`;

export function readSaid(where: Where, certificateId: string, fingerprint: string): Said | undefined {
  const text = readText(pathOf(where, certificateId));
  const parsed = text === undefined ? undefined : said.safeParse(JSON.parse(text));
  return parsed?.data?.fingerprint === fingerprint ? parsed.data : undefined;
}

export async function writeSaid(where: Where, certificateId: string, facts: Said): Promise<void> {
  await putJsonFile(pathOf(where, certificateId), facts);
}

/** Epoch ms of the last look at all of them; 0: there was none. */
export function lastLook(where: Where): number {
  const text = readText(`${folderOf(where)}/revocations.json`);
  return text === undefined ? 0 : (looked.safeParse(JSON.parse(text)).data?.at ?? 0);
}

export async function noteLook(where: Where, at: number): Promise<void> {
  await putJsonFile(`${folderOf(where)}/revocations.json`, { at });
}
