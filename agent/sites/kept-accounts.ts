import { z } from 'zod';
import { listNames, look, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { privateFile, selfOwner } from './site-records.ts';

/*
 * The Linux user of a deleted site that somebody wanted to keep: a note says so until it is removed, or the site comes
 * back. While the note is there, nobody else is given the name.
 */

type Where = Pick<Machine, 'stateFolder'>;

const note = z.object({
  user: z.string(),
  uid: z.number().nullable(),
  siteId: z.string(),
  slug: z.string(),
  /** Where its files lie, or lay, without prefix. */
  folder: z.string(),
  /** Paths without prefix of the files by which it can sign in. */
  sftpFiles: z.array(z.string()),
  keptAt: z.number(),
  keptBy: z.string(),
});
export type KeptNote = z.infer<typeof note>;

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/kept-accounts`;
const pathOf = (where: Where, user: string): string => `${folderOf(where)}/${user}`;

export function keptAccountNames(where: Where): string[] {
  return listNames(folderOf(where)).filter((name) => !name.startsWith('.'));
}

export function findKeptAccount(where: Where, user: string): KeptNote | undefined {
  const text = readText(pathOf(where, user));
  return text === undefined ? undefined : note.parse(JSON.parse(text));
}

export function keepAccountWants(machine: Machine, kept: KeptNote): Want[] {
  return [
    { kind: 'folder', path: folderOf(machine), mode: 0o700, ...selfOwner(machine) },
    privateFile(machine, pathOf(machine, kept.user), JSON.stringify(kept)),
  ];
}

export function dropKeptAccountWants(machine: Machine, user: string): Want[] {
  const path = pathOf(machine, user);
  return look(path).type === 'missing' ? [] : [{ kind: 'remove', path }];
}
