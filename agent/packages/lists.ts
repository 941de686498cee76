import { closeFile, listNames, openFile, readText } from '../core/files.ts';
import { putJson } from './operations.ts';

/*
 * When the lists of packages were read last. Reading them takes seconds, and most of it anew for each of several programs
 * that are installed one after another.
 */

/** Lists that are younger are not read again before an installation. */
const freshMs = 60 * 60_000;

type Read = { readonly at: number; readonly sources: readonly string[] };
export type ListsOf = { readonly stateFolder: string; readonly prefix: string };

const recordPath = (stateFolder: string): string => `${stateFolder}/package-lists.json`;

/** From the sources that there are now, within the last hour; a clock that went back makes them old. */
export function areListsFresh({ stateFolder, prefix }: ListsOf): boolean {
  const text = readText(recordPath(stateFolder));
  if (text === undefined) return false;
  let read: Read;
  try {
    read = JSON.parse(text) as Read;
  } catch {
    // A worn disk: they are read anew, and it is written anew.
    return false;
  }
  const { at, sources } = read;
  const age = Date.now() - at;
  return age >= 0 && age < freshMs && sources.join('\n') === sourcesOf(prefix).join('\n');
}

export async function noteLists({ stateFolder, prefix }: ListsOf): Promise<void> {
  await putJson(recordPath(stateFolder), { at: Date.now(), sources: sourcesOf(prefix) } satisfies Read);
}

/** What says where packages come from: name, size and last change of each file. */
function sourcesOf(prefix: string): string[] {
  const folder = `${prefix}/etc/apt`;
  const inFolder = (name: string): string[] => listNames(`${folder}/${name}`).map((each) => `${name}/${each}`);
  return ['sources.list', 'preferences', ...inFolder('sources.list.d'), ...inFolder('preferences.d')].flatMap(
    (name) => {
      const file = openFile(`${folder}/${name}`);
      if (file === undefined) return [];
      closeFile(file.fd);
      return `${name} ${file.stats.size} ${file.stats.mtimeMs}`;
    },
  );
}
