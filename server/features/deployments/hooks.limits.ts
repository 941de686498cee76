import type { Clock } from '../../core/clock.ts';

/** Calls of one hook in a minute: a busy repository has far fewer, and each may cost a deployment. */
const callsPerMinute = 60;
/** Refusals of one address in ten minutes; from then on it is refused without a look. */
const mostRefusals = 20;
const minute = 60_000;
const mostKept = 10_000;

type Count = { count: number; endsAt: number };

export type HookLimits = {
  /** Counts the call. */
  may(address: string, hookId: string): boolean;
  noteRefusal(address: string): void;
};

/** In the memory of this process: a restart forgives. */
export function createHookLimits(clock: Clock): HookLimits {
  const calls = new Map<string, Count>();
  const refusals = new Map<string, Count>();

  function raise(counts: Map<string, Count>, key: string, ms: number): number {
    const now = clock.now();
    if (counts.size >= mostKept) for (const [each, { endsAt }] of counts) if (endsAt <= now) counts.delete(each);
    // Too many strangers at once: they are counted as one.
    const name = counts.size >= mostKept && !counts.has(key) ? 'others' : key;
    const known = counts.get(name);
    const count = known === undefined || known.endsAt <= now ? { count: 0, endsAt: now + ms } : known;
    count.count++;
    counts.set(name, count);
    return count.count;
  }

  return {
    may(address, hookId) {
      const refused = refusals.get(address);
      if (refused !== undefined && refused.endsAt > clock.now() && refused.count >= mostRefusals) return false;
      return raise(calls, hookId, minute) <= callsPerMinute;
    },
    noteRefusal(address) {
      raise(refusals, address, 10 * minute);
    },
  };
}
