import { idPattern } from '#shared/http.ts';
import type { TerminalEnd } from '#shared/agent/terminals.ts';
import { listNames, makeFolders, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { listFacts, type TerminalFacts } from './terminal-records.ts';

/*
 * How shells ended, kept until the panel has it in the audit log: the process of a terminal outlives the panel, and nobody
 * may look when its shell ends (TERM-4).
 */

type Where = Pick<Machine, 'stateFolder'>;

const mostAtOnce = 100;
const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/terminal-ends`;
const pathOf = (where: Where, terminalId: string): string => `${folderOf(where)}/${terminalId}.json`;

/** Once for each terminal; absent persons are those of terminals that an earlier version began. */
export async function keepEnd(
  where: Where,
  { terminalId, personId, personName = '', kind, user, startedAt }: TerminalFacts,
  end: Pick<TerminalEnd, 'endedAt' | 'why' | 'exitCode'>,
): Promise<void> {
  makeFolders(folderOf(where));
  const told: TerminalEnd = { terminalId, person: { id: personId, name: personName }, kind, user, startedAt, ...end };
  const unsynced = new Unsynced();
  putFile(pathOf(where, terminalId), Buffer.from(JSON.stringify(told)), { mode: 0o600 }, 'json', unsynced);
  await unsynced.flush();
}

/** Forgets what is known by now, and answers the rest, oldest first. */
export function takeEnds(
  machine: Where & Pick<Machine, 'prefix' | 'isRoot' | 'now'>,
  known: readonly string[],
): { items: TerminalEnd[]; open: number } {
  for (const terminalId of known) removeFile(pathOf(machine, terminalId));
  const ends = listNames(folderOf(machine)).flatMap((name): TerminalEnd[] => {
    const terminalId = name.replace(/\.json$/, '');
    const text = idPattern.test(terminalId) ? readText(pathOf(machine, terminalId)) : undefined;
    return text === undefined ? [] : [JSON.parse(text) as TerminalEnd];
  });
  const items = ends.sort((one, other) => one.endedAt - other.endedAt).slice(0, mostAtOnce);
  return { items, open: listFacts(machine, machine.now()).length };
}
