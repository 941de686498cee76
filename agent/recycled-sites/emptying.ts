import { askOrDo } from '../core/ask-or-do.ts';
import { logLine, type AgentSettings, type Machine } from '../core/machine.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { discardWants, doDiscards, recycleBin } from '../sites/discards.ts';
import { listDue, listRecycled, type Recycled, type Where } from './recycle-bin.ts';

/*
 * What goes from the recycle bin for good: a note of it is kept first, so that what was begun ends also when the machine
 * goes down meanwhile.
 */

/** Answers the names of their sites; the work itself follows. Ids that nobody knows are left out. */
export async function discardRecycled(machine: Machine, ids: readonly string[], actorId: string): Promise<string[]> {
  const wanted = new Set(ids);
  const found = listRecycled(machine).filter(({ id }) => wanted.has(id));
  await note(machine, found, actorId);
  machine.later('discards', () => doDiscards(machine));
  return found.map(({ slug }) => slug);
}

/** The same for what is due. */
export async function discardDue(machine: Machine): Promise<number> {
  const found = listDue(machine);
  await note(machine, found);
  if (found.length > 0) machine.later('discards', () => doDiscards(machine));
  return found.length;
}

async function note(machine: Machine, found: readonly Recycled[], actor = 'agent'): Promise<void> {
  for (const { slug, removal, parts } of found) {
    logLine('info', 'what was kept of a deleted site is deleted for good', { slug, actor });
    const changeId = newChangeId();
    const paths = parts.map(({ name }) => `${recycleBin}/${name}`);
    await machine.engine.run({
      changeId,
      action: 'recycled_sites.discard',
      actor,
      wants: discardWants(machine, changeId, removal?.record.linuxUser ?? '', paths),
    });
  }
}

/** For the timer: also while the panel is down. */
export async function emptyDueRecycled(where: Where & { readonly settings: AgentSettings }): Promise<void> {
  if (listDue(where).length === 0) return;
  await askOrDo(where.settings, 'recycled_sites.empty_due', {}, async (machine) => {
    await note(machine, listDue(machine));
    await doDiscards(machine);
  }).catch((error: unknown) => logLine('error', 'the recycle bin of sites was not emptied', { error: String(error) }));
}
