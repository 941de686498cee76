import type { FastifyRequest } from 'fastify';
import type { Doors } from '#shared/doors.ts';
import { AppError } from '#shared/errors.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/schema.ts';
import { addressMatcher } from './auth/addresses.ts';
import type { Clock } from './clock.ts';
import {
  endOf,
  factsOf,
  fallbackOf,
  isEnding,
  readUsable,
  removeOtherPairs,
  storePair,
  type CertificateFacts,
  type FallbackReason,
  type Pair,
} from './doors-certificate.ts';
import { createPairFiles } from './doors-files.ts';
import { hasEntryCookie } from './doors-entry.ts';
import { connectionFactsOf, PortInUseError, type DoorsListener } from './doors-listener.ts';
import {
  doorsOfConfig,
  isOfDomain,
  panelOrigin,
  readDoors,
  readMarks,
  writeDoors,
  type DoorsRow,
  type StoredDoors,
} from './doors-rows.ts';
import { newId } from './id.ts';
import type { Log } from './log.ts';

/** The doors as they act in this process, and the changes that wait for their confirmation. */
export type PanelDoors = {
  acting(): StoredDoors;
  current(): Doors;
  /** They were changed in the panel or from the console: the configuration no longer counts. */
  isStored(): boolean;
  /** Of the certificate that is served; null: plain HTTP. */
  certificate(): CertificateFacts | null;
  /** What the panel shows in place of the certificate that was given, until a good one is there; null: that one. */
  fallback(): DoorsFallback | null;
  /** Of the certificate that was given, shown or not; null: none was, or it cannot be read. */
  givenCertificate(): CertificateFacts | null;
  /** Why the files that the configuration names, as they are now, are not served: a key of `errors.certificate`. */
  certificateFault(): string | null;
  /** Both, while a change of the port waits. */
  ports(): readonly number[];
  /** Origin people open the panel at, under the host they use now when it is one of the panel's. */
  origin(host?: string): string;
  isAllowed(address: string): boolean;
  isTrustedProxy(address: string): boolean;
  /**
   * Applies a change at once; it is taken back at `revertsAt` unless confirmed. Throws `in_use` (`doors_pending`), field
   * `port_in_use`.
   */
  change(next: DoorsChange): Promise<void>;
  /** Serves the new version of the certificate that is followed; false when it is not followed any more, or a change waits. */
  takeUp(next: { readonly follows: string; readonly pair: Pair }): Promise<boolean>;
  /**
   * Serves a certificate that was ordered for the panel's own name, and follows it from now on: whoever ordered it may be gone
   * by now, so nobody confirms. False while a change waits.
   */
  adopt(next: { readonly follows: string; readonly pair: Pair }): Promise<boolean>;
  /** Why the certificate that is followed was not taken up: a key of `errors.certificate`; null: it was. */
  noteFault(why: string | null): void;
  /** Throws `not_allowed` (`confirm_needs_new_connection`), `not_found` when it does not wait any more. */
  confirm(id: string, request: FastifyRequest): Promise<void>;
  /** Throws `not_found` when it does not wait any more. */
  revert(id: string): Promise<void>;
  /** From now on changes act on this listener, which is set to what acts now. Throws PortInUseError. */
  attach(listener: DoorsListener): Promise<void>;
  /** Takes back what was not confirmed in time and sees what the console changed. Called every two seconds. */
  tick(): Promise<void>;
  close(): void;
};

/** `why` `ending`: it ends within two days, and no renewal came. */
export type DoorsFallback = { readonly why: FallbackReason; readonly given: CertificateFacts | null };

/** `pair`: null goes back to the files of the configuration, undefined leaves what is served. */
export type DoorsChange = {
  readonly doors: Doors;
  readonly pair?: Pair | null;
  /** The certificate of the shelf that the pair is the present version of. */
  readonly follows?: string | null;
  readonly confirmMs: number;
};

type Parts = {
  readonly db: Db;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** The database is up to date. */
  readonly isReady: boolean;
  /** A change was taken back because nobody confirmed it. */
  readonly onExpired?: (change: { readonly before: Doors; readonly after: Doors }) => Promise<void>;
  /** The console changed bans. */
  readonly onBansChanged?: () => Promise<void>;
};

type State = {
  readonly row: DoorsRow;
  readonly acting: StoredDoors;
  readonly pair: Pair | null;
  readonly fallback: DoorsFallback | null;
  readonly given: CertificateFacts | null;
  /** The end of the one that was given was near when this was looked at. */
  readonly wasEnding: boolean;
  /** Of its certificate: asked by every answer. */
  readonly facts: CertificateFacts | null;
  /** `performance.now()` when the waiting change began to act here. */
  readonly changedAt: number;
  readonly isAllowed: (address: string) => boolean;
  readonly isTrusted: (address: string) => boolean;
};

const tickMs = 2_000;

export async function createDoors(parts: Parts): Promise<PanelDoors> {
  const { db, config, clock, log } = parts;
  const files = createPairFiles(config, () => clock.now());
  let listener: DoorsListener | undefined;
  /** The listener could not be set to what acts. */
  let isBehind = false;
  let followFault: string | null = null;
  let bansMark: string | undefined;
  let state = await stateOf(await firstRow(parts));
  let queue: Promise<unknown> = Promise.resolve();
  if (parts.isReady) await expire();
  const fixedPort = portOfCommandLine(config);
  if (fixedPort !== undefined && state.acting.pending === null && state.acting.doors.port !== fixedPort) {
    const { acting } = state;
    state = { ...state, acting: { ...acting, doors: { ...acting.doors, port: fixedPort } } };
  }
  const timer = setInterval(() => {
    tick().catch((error: unknown) => log.warn({ err: error }, 'the doors could not be looked at'));
  }, tickMs);
  timer.unref();

  /** One change after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  async function stateOf(row: DoorsRow, before?: State): Promise<State> {
    const acting = row.stored;
    const { doors, certificateId, pending } = acting;
    const isSameChange = before?.acting.pending?.id === pending?.id;
    const shown = await pairOf(certificateId);
    const { why } = shown.fallback ?? {};
    if (why !== undefined && before?.fallback?.why !== why)
      log.warn({ why }, 'the panel went back to the certificate of its settings; no good one came in time');
    return {
      row,
      acting,
      ...shown,
      ...withFacts(shown.pair),
      changedAt: isSameChange && before !== undefined ? before.changedAt : performance.now(),
      isAllowed: doors.allowedAddresses.length === 0 ? () => true : addressMatcher(doors.allowedAddresses),
      isTrusted: addressMatcher(doors.trustedProxies),
    };
  }

  async function pairOf(
    certificateId: string | null,
  ): Promise<Pick<State, 'pair' | 'fallback' | 'given' | 'wasEnding'>> {
    if (certificateId === null) return { pair: await files.current(), fallback: null, given: null, wasEnding: false };
    const now = clock.now();
    const usable = await readUsable(config, certificateId);
    const given = usable === null ? null : factsOf(usable.certificate);
    const wasEnding = usable !== null && isEnding(endOf(usable), now);
    if (usable !== null && !wasEnding) return { pair: usable, fallback: null, given, wasEnding };
    const other = fallbackOf(usable, await files.current().catch(() => null), now);
    if (other !== null) return { pair: other.pair, fallback: { why: other.why, given }, given, wasEnding };
    // Neither can be served: the panel cannot start over plain HTTP where it was told to be secure.
    if (usable === null) throw new Error('the certificate of the panel cannot be read, and the settings name no other');
    return { pair: usable, fallback: null, given, wasEnding };
  }

  async function adopt(row: DoorsRow): Promise<void> {
    state = await stateOf(row, state);
    await applyToListener();
  }

  async function applyToListener(): Promise<void> {
    if (listener === undefined) return;
    try {
      listener.setPair(state.pair);
      await listener.setPorts(portsOf(state.acting));
      isBehind = false;
    } catch (error) {
      isBehind = true;
      throw error;
    }
  }

  async function write(next: StoredDoors | undefined): Promise<void> {
    const isWritten = await writeDoors(db, state.row, next, clock.now());
    const row = await readDoors(db, config);
    await adopt(row);
    if (!isWritten) throw new AppError('changed_meanwhile', 'The doors were changed in the meantime.');
  }

  async function takeBack({ doors }: StoredDoors, pending: NonNullable<StoredDoors['pending']>): Promise<void> {
    const { before, beforeCertificateId, beforeFollows, isFirst } = pending;
    const kept = { doors: before, certificateId: beforeCertificateId, follows: beforeFollows, pending: null };
    await write(isFirst ? undefined : kept);
    await removeOtherPairs(config, [state.acting.certificateId]);
    log.info({ from: doors.port, to: before.port }, 'a change of the doors was taken back');
  }

  async function expire(): Promise<void> {
    const { pending, doors } = state.acting;
    if (pending === null || clock.now() < pending.revertsAt) return;
    await takeBack(state.acting, pending);
    await parts.onExpired?.({ before: pending.before, after: doors });
  }

  async function tick(): Promise<void> {
    await inTurn(async () => {
      const marks = await readMarks(db, config);
      if (marks.row.text !== state.row.text) await adopt(marks.row);
      else if (isBehind) await applyToListener();
      if (state.acting.certificateId === null || state.fallback !== null) await lookAtFiles();
      if (state.given !== null && isEnding(Date.parse(state.given.validUntil), clock.now()) !== state.wasEnding)
        await adopt(state.row);
      await expire();
      if (bansMark !== undefined && bansMark !== marks.bansMark) await parts.onBansChanged?.();
      bansMark = marks.bansMark;
    });
  }

  /** Of the configuration: what another tool has put there is served without a restart. */
  async function lookAtFiles(): Promise<void> {
    const before = files.fault();
    if (await files.look()) {
      state = { ...state, ...withFacts(await files.current()) };
      await applyToListener();
      log.info('the certificate of the settings has changed and is served');
    }
    const fault = files.fault();
    if (fault !== null && fault !== before)
      log.warn(
        { why: fault },
        'the certificate of the settings has changed and cannot be used; the one before is served',
      );
  }

  async function serve(
    doors: Doors,
    { follows, pair }: { readonly follows: string; readonly pair: Pair },
  ): Promise<void> {
    const certificateId = newId();
    await storePair(config, certificateId, pair);
    await write({ doors, certificateId, follows, pending: null });
    await removeOtherPairs(config, [certificateId]);
  }

  const fileFault = (): string | null => (state.acting.certificateId === null ? files.fault() : null);

  function getPending(id: string): NonNullable<StoredDoors['pending']> {
    const { pending } = state.acting;
    if (pending?.id === id) return pending;
    throw new AppError('not_found', 'This change does not wait any more.');
  }

  return {
    acting: () => state.acting,
    current: () => state.acting.doors,
    isStored: () => state.row.text !== undefined,
    certificate: () => state.facts,
    fallback: () => state.fallback,
    givenCertificate: () => state.given,
    certificateFault: () => (state.acting.follows !== null ? followFault : fileFault()),
    ports: () => portsOf(state.acting),
    origin: (host) => panelOrigin(config, state.acting, host),
    isAllowed: (address) => state.isAllowed(address),
    isTrustedProxy: (address) => state.isTrusted(address),
    change: ({ doors, pair, follows = null, confirmMs }) =>
      inTurn(async () => {
        await expire();
        const { acting, row } = state;
        if (acting.pending !== null) {
          throw new AppError('in_use', 'Another change of the doors waits.', { reason: 'doors_pending' });
        }
        if (pair === undefined && isSame(doors, acting.doors)) return;
        if (listener !== undefined && doors.port !== acting.doors.port) {
          await openBeside(listener, portsOf(acting), doors.port);
        }
        const certificateId = pair === undefined ? acting.certificateId : pair === null ? null : newId();
        const pending = {
          id: newId(),
          before: acting.doors,
          beforeCertificateId: acting.certificateId,
          beforeFollows: acting.follows,
          revertsAt: clock.now() + confirmMs,
          isFirst: row.text === undefined,
        };
        try {
          if (pair != null && certificateId !== null) await storePair(config, certificateId, pair);
          await write({ doors, certificateId, follows: pair === undefined ? acting.follows : follows, pending });
          followFault = null;
        } catch (error) {
          // The new port is open already; the next look closes it.
          isBehind = true;
          throw error;
        }
        // What browsers keep open is from before: their next request comes over a new connection.
        listener?.closeIdle();
      }),
    confirm: (id, request) =>
      inTurn(async () => {
        await expire();
        const pending = getPending(id);
        const { doors, certificateId, follows } = state.acting;
        if (!cameByNewDoor(config, request, { doors, before: pending.before, changedAt: state.changedAt })) {
          throw new AppError('not_allowed', 'Confirm over a new connection, by the new way in.', {
            reason: 'confirm_needs_new_connection',
          });
        }
        await write({ doors, certificateId, follows, pending: null });
        await removeOtherPairs(config, [certificateId]);
      }),
    takeUp: ({ follows, pair }) =>
      inTurn(async () => {
        await expire();
        const { doors, pending, follows: present } = state.acting;
        if (pending !== null || present !== follows) return false;
        await serve(doors, { follows, pair });
        log.info('the certificate of the panel was renewed and is served');
        return true;
      }),
    adopt: (next) =>
      inTurn(async () => {
        await expire();
        const { doors, pending } = state.acting;
        if (pending !== null) return false;
        await serve(doors, next);
        followFault = null;
        log.info('the certificate that was ordered for the panel is served');
        return true;
      }),
    noteFault: (why) => {
      if (why !== null && why !== followFault)
        log.warn({ why }, 'the certificate that the panel follows cannot be used; the one before is served');
      followFault = why;
    },
    revert: (id) => inTurn(() => takeBack(state.acting, getPending(id))),
    async attach(given) {
      listener = given;
      try {
        await applyToListener();
      } catch (error) {
        const { pending } = state.acting;
        const isOfChange = error instanceof PortInUseError && error.port === state.acting.doors.port;
        if (pending === null || !isOfChange || pending.before.port === error.port) throw error;
        // Started again while a change waits, and somebody else took the new port meanwhile.
        await takeBack(state.acting, pending);
      }
    },
    tick,
    close: () => clearInterval(timer),
  };
}

/** Before the first migration there is no table; the panel is not ready then and lets nobody in. */
async function firstRow({ db, config, isReady }: Parts): Promise<DoorsRow> {
  if (isReady) return readDoors(db, config);
  const first = { doors: doorsOfConfig(config), certificateId: null, follows: null, pending: null };
  return readDoors(db, config).catch(() => ({ text: undefined, stored: first }));
}

/** What somebody says on the command line counts for this run, whatever is stored. */
function portOfCommandLine({ entries, port }: Config): number | undefined {
  return entries.some(({ key, source }) => key === 'PORT' && source === 'cli') ? port : undefined;
}

function portsOf({ doors, pending }: StoredDoors): number[] {
  return pending === null || pending.before.port === doors.port ? [doors.port] : [pending.before.port, doors.port];
}

async function openBeside(listener: DoorsListener, ports: readonly number[], port: number): Promise<void> {
  try {
    await listener.setPorts([...ports, port]);
  } catch (error) {
    throw new AppError('invalid_request', 'This port cannot be used.', {
      fields: [{ field: 'port', code: 'port_in_use' }],
      cause: error,
    });
  }
}

function isSame(a: Doors, b: Doors): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Only what was made after the change, and by the way that it opened, proves that people still get in. */
function cameByNewDoor(
  config: Config,
  request: FastifyRequest,
  { doors, before, changedAt }: { doors: Doors; before: Doors; changedAt: number },
): boolean {
  const facts = connectionFactsOf(request.raw.socket);
  if (facts === undefined || facts.openedAt <= changedAt) return false;
  if (doors.port !== before.port && facts.port !== doors.port) return false;
  const host = request.hostname.toLowerCase();
  const isBound = doors.domains.length > 0 && String(doors.domains) !== String(before.domains);
  if (isBound && !doors.domains.some((domain) => isOfDomain(host, domain))) return false;
  if (doors.entryPath === null || doors.entryPath === before.entryPath) return true;
  return hasEntryCookie(config, request, doors.entryPath);
}

function withFacts(pair: Pair | null): Pick<State, 'pair' | 'facts'> {
  return { pair, facts: pair === null ? null : factsOf(pair.certificate) };
}
