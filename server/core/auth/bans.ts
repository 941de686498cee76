import type { Ban } from '#shared/doors.ts';
import type { Db } from '../../db/schema.ts';
import { cleanText } from '../audit-rows.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../id.ts';
import type { Log } from '../log.ts';
import { addressMatcher } from './addresses.ts';
import { networkOf, plainAddress } from './sign-in-limits-network.ts';
import { deleteOldBans, insertOrReplaceBan, readBans, type BanRow } from './bans.store.ts';

/** What acts of a ban. `endsAt` null: until somebody takes it away. */
export type ActiveBan = {
  readonly id: string;
  readonly kind: Ban['kind'];
  readonly value: string;
  readonly reason: Ban['reason'];
  readonly endsAt: number | null;
};

export type Evidence = Ban['evidence'];

export type Bans = {
  /** Of the address itself, its /64, or a network banned by hand. */
  findAddress(address: string): ActiveBan | undefined;
  findAccount(name: string): ActiveBan | undefined;
  /** Acts at once; the row follows. Each time lasts longer. */
  add(found: Pick<ActiveBan, 'kind' | 'value' | 'reason'> & { readonly evidence: Evidence }): ActiveBan;
  /** Reads the rows again, after somebody changed them. Returns the values that are free since. */
  reload(): Promise<void>;
  /** Calls back with every value that is no longer banned although its time was not over. */
  onFreed(callback: (freed: Pick<ActiveBan, 'kind' | 'value'>) => void): void;
  /** Resolves when all rows are written. */
  flush(): Promise<void>;
};

const minute = 60_000;
/** How long the first, second, third and every further ban lasts. */
export const banStepsMs = [5 * minute, 15 * minute, 60 * minute, 24 * 60 * minute] as const;
/** A ban is remembered for this long after its end: the next one lasts longer. */
export const rememberedMs = 7 * 24 * 60 * minute;
const maxBans = 5_000;
const maxEvidence = 5;
const maxValueLength = 64;

export async function createBans({
  db,
  clock,
  log,
  isReady,
}: {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  /** The database is up to date. */
  readonly isReady: boolean;
}): Promise<Bans> {
  let rows = new Map<string, BanRow>();
  let ranges: { readonly row: BanRow; readonly matches: (address: string) => boolean }[] = [];
  const listeners = new Set<Parameters<Bans['onFreed']>[0]>();
  let writing: Promise<unknown> = Promise.resolve();
  if (isReady) adopt(await readBans(db, maxBans));

  function adopt(found: readonly BanRow[]): void {
    const before = rows;
    rows = new Map(found.map((row) => [keyOf(row.kind, row.value), row]));
    ranges = found
      .filter(({ kind, reason }) => kind === 'network' && reason === 'by_hand')
      .map((row) => ({ row, matches: addressMatcher([row.value]) }));
    for (const [key, row] of before) {
      if (rows.has(key) || !isActing(row)) continue;
      for (const callback of listeners) callback(row);
    }
  }

  const isActing = (row: BanRow | undefined): row is BanRow =>
    row !== undefined && (row.ends_at === null || row.ends_at > clock.now());

  function acting(kind: Ban['kind'], value: string): ActiveBan | undefined {
    const row = rows.get(keyOf(kind, value));
    return isActing(row) ? toActive(row) : undefined;
  }

  /** Memory never grows without bound: what is over goes first, then what is oldest. */
  function makeRoom(): void {
    if (rows.size < maxBans) return;
    for (const [key, row] of rows) if (!isActing(row)) rows.delete(key);
    for (const [key, row] of rows) {
      if (rows.size < maxBans) return;
      if (row.reason !== 'by_hand') rows.delete(key);
    }
  }

  return {
    findAddress(given) {
      const address = plainAddress(given);
      const network = networkOf(address);
      const own = acting('address', address) ?? (network === address ? undefined : acting('network', network));
      if (own !== undefined) return own;
      const range = ranges.find(({ row, matches }) => isActing(row) && matches(address));
      return range === undefined ? undefined : toActive(range.row);
    },
    findAccount: (name) => acting('account', name.slice(0, maxValueLength)),
    add({ kind, value: given, reason, evidence }) {
      const now = clock.now();
      const value = given.slice(0, maxValueLength);
      const known = rows.get(keyOf(kind, value));
      const times = known === undefined ? 1 : known.times + 1;
      const row: BanRow = {
        id: known?.id ?? newId(),
        kind,
        value,
        reason,
        evidence_json: JSON.stringify(cutEvidence(evidence)),
        note: '',
        created_at: now,
        ends_at: now + (banStepsMs[Math.min(times, banStepsMs.length) - 1] ?? banStepsMs[0]),
        actor_id: null,
        actor_name: null,
        times,
      };
      makeRoom();
      rows.set(keyOf(kind, value), row);
      log.warn({ kind, reason, times, bannedUntil: row.ends_at }, 'somebody was banned after failed tries');
      writing = writing
        .then(async () => {
          await insertOrReplaceBan(db, row);
          await deleteOldBans(db, { endedBefore: now - rememberedMs, keep: maxBans });
        })
        .catch((error: unknown) =>
          log.error({ err: error }, 'a ban could not be written; it acts until the next start'),
        );
      return toActive(row);
    },
    async reload() {
      await writing;
      adopt(await readBans(db, maxBans));
    },
    onFreed: (callback) => void listeners.add(callback),
    flush: async () => void (await writing),
  };
}

function keyOf(kind: Ban['kind'], value: string): string {
  return `${kind} ${value}`;
}

function toActive({ id, kind, value, reason, ends_at }: BanRow): ActiveBan {
  return { id, kind, value, reason, endsAt: ends_at };
}

/** Text of strangers: one line, a few, short. */
function cutEvidence({ count, lastAccounts, lastAddresses }: Evidence): Evidence {
  const cut = (texts: readonly string[]) => texts.slice(-maxEvidence).map((text) => cleanText(text, maxValueLength));
  return { count, lastAccounts: cut(lastAccounts), lastAddresses: cut(lastAddresses) };
}
