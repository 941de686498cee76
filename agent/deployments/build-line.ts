import { setTimeout as wait } from 'node:timers/promises';
import { buildSettings, defaultBuildSettings, type BuildSettings, type BuildState } from '#shared/deployments.ts';
import { isAlive, selfProcess, type ProcessMark } from '../core/alive.ts';
import { listNames, makeFolders, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { takeLockFile } from '../core/lock.ts';
import type { Machine } from '../core/machine.ts';

/*
 * Builds of all sites stand in one line: each in a file with its process, so that whoever died stands there no more. So many
 * may build at once as the setting says; the others go in the order in which they came.
 */

type Where = Pick<Machine, 'stateFolder'>;
type Place = { readonly process: ProcessMark; readonly isBuilding: boolean };

const lookMs = 500;
const lockPatienceMs = 15_000;

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/builds`;
const lineOf = (where: Where): string => `${folderOf(where)}/line`;
const settingsFile = (where: Where): string => `${folderOf(where)}/settings.json`;

export function readBuildSettings(where: Where): BuildSettings {
  const text = readText(settingsFile(where));
  return text === undefined ? defaultBuildSettings : buildSettings.parse(JSON.parse(text));
}

export async function putBuildSettings(where: Where, settings: BuildSettings): Promise<void> {
  await putJsonFile(settingsFile(where), settings);
}

export function buildState(where: Where): BuildState {
  const places = placesIn(where);
  const building = places.filter(({ isBuilding }) => isBuilding).length;
  return { ...readBuildSettings(where), building, waiting: places.length - building };
}

/** In their order; those whose process has gone are taken out. */
function placesIn(where: Where): (Place & { readonly name: string })[] {
  const line = lineOf(where);
  makeFolders(line);
  return listNames(line)
    .filter((name) => /^\d{13}-[a-z2-7]{16}\.json$/.test(name))
    .sort()
    .flatMap((name) => {
      const place = parsed(readText(`${line}/${name}`));
      if (place !== undefined && isAlive(place.process)) return [{ ...place, name }];
      removeFile(`${line}/${name}`);
      return [];
    });
}

function parsed(text: string | undefined): Place | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Place);
  } catch {
    return undefined;
  }
}

async function locked<T>(where: Where, work: () => Promise<T>): Promise<T> {
  makeFolders(folderOf(where));
  const lock = await takeLockFile(`${folderOf(where)}/lock`, lockPatienceMs);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * Ends when the deployment may build; `leave` makes room for the next one. `onWait`: so many builds go first, told when
 * that changes. Throws the reason of the signal.
 */
export async function waitForTurn(
  where: Where,
  deploymentId: string,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: (ahead: number) => Promise<void> },
): Promise<{ readonly leave: () => void }> {
  const name = `${String(Date.now()).padStart(13, '0')}-${deploymentId}.json`;
  const path = `${lineOf(where)}/${name}`;
  const stand = (isBuilding: boolean): Promise<void> => putJsonFile(path, { process: selfProcess(), isBuilding });
  const leave = (): void => removeFile(path);
  try {
    let told = 0;
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      const ahead = await locked(where, async () => {
        if (isFirst) await stand(false);
        const first = placesIn(where).filter((each) => each.name !== name && (each.isBuilding || each.name < name));
        const { atOnce } = readBuildSettings(where);
        if (first.length < atOnce) await stand(true);
        return first.length < atOnce ? 0 : first.length - atOnce + 1;
      });
      if (ahead === 0) return { leave };
      if (ahead !== told) await onWait(ahead);
      told = ahead;
      await wait(lookMs, undefined, { signal }).catch(() => undefined);
    }
  } catch (error) {
    leave();
    throw error;
  }
}
