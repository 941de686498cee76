import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { consoleEntry, type ConsoleEntry } from '#shared/database-console.ts';
import { makeFolders, readText, removeOwnFolder } from '../../core/files.ts';
import { putJsonFile } from '../../core/json-file.ts';
import type { Machine } from '../../core/machine.ts';
import { databasesFolder } from '../records.ts';
import { seal, unseal } from '../seal.ts';

/*
 * What a person has run last in a database: sealed, theirs alone, and gone with the database. What names a password is
 * never among it.
 */

type Where = Pick<Machine, 'stateFolder'>;
type Whose = { readonly databaseId: string; readonly personId: string };

const mostEntries = 100;
const mostCharacters = 4_000;

export const historyFolder = (where: Where, databaseId: string): string =>
  `${databasesFolder(where)}/console/${databaseId}`;

const nameOf = ({ personId }: Whose): string => createHash('sha256').update(personId).digest('hex').slice(0, 32);
const pathOf = (where: Where, whose: Whose): string =>
  `${historyFolder(where, whose.databaseId)}/${nameOf(whose)}.json`;
const purposeOf = ({ databaseId, personId }: Whose): string => `console ${databaseId} ${personId}`;

const kept = z.strictObject({ sealed: z.string() });

/** The newest first. What does not open, because keys were lost, counts as nothing. */
export async function readHistory(where: Where, whose: Whose): Promise<ConsoleEntry[]> {
  const text = readText(pathOf(where, whose));
  if (text === undefined) return [];
  try {
    const { sealed } = kept.parse(JSON.parse(text));
    return z.array(consoleEntry).parse(JSON.parse(await unseal(where, purposeOf(whose), sealed)));
  } catch {
    return [];
  }
}

export async function remember(where: Where, whose: Whose, entry: ConsoleEntry): Promise<void> {
  if (entry.statement.length > mostCharacters) return;
  const before = (await readHistory(where, whose)).filter(({ statement }) => statement !== entry.statement);
  const entries = [entry, ...before].slice(0, mostEntries);
  makeFolders(historyFolder(where, whose.databaseId));
  await putJsonFile(pathOf(where, whose), { sealed: await seal(where, purposeOf(whose), JSON.stringify(entries)) });
}

export async function forget(where: Where, whose: Whose): Promise<void> {
  await putJsonFile(pathOf(where, whose), { sealed: await seal(where, purposeOf(whose), '[]') });
}

export function forgetDatabase(where: Where, databaseId: string): void {
  const folder = historyFolder(where, databaseId);
  if (existsSync(folder)) removeOwnFolder(folder);
}
