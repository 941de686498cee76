import type { ServerAddress, ServerPlace } from './address.ts';
import { ask, type Scratch } from './client.ts';

const known = new WeakMap<ServerAddress, Promise<boolean>>();

/** Whether the server can have events: where they are disabled for good it refuses every word about them. */
export async function hasEvents(work: Scratch, place: ServerPlace): Promise<boolean> {
  const answer = known.get(place.address) ?? askForEvents(work, place);
  known.set(place.address, answer);
  try {
    return await answer;
  } catch (error) {
    known.delete(place.address);
    throw error;
  }
}

async function askForEvents(work: Scratch, place: ServerPlace): Promise<boolean> {
  const [[scheduler] = []] = await ask(work, { ...place, database: '' }, 'select @@event_scheduler;');
  return scheduler !== 'DISABLED';
}
