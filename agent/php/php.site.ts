import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { wwwlogs } from '#shared/site-folders.ts';
import { giveLog, look, readText, sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { nginxLock, poll } from '../nginx/nginx.process.ts';
import type { Companion, CompanionInput } from '../sites/site-companion.ts';
import { selfOwner } from '../sites/site-records.ts';
import { isPhpUnitNew, phpUnitWants, reloadUnits } from './php.apart.ts';
import { checkOwn, checkPool, phpRejected } from './php.check.ts';
import { endOwnFpm, isOwnUnitNew, ownCandidate, ownMainText, ownUnitText, ownWants } from './php.own.ts';
import {
  ownFpm,
  phpPaths,
  phpSocket,
  privateFolders,
  privateRoot,
  sharedFpm,
  socketFolder,
  type Fpm,
} from './php.paths.ts';
import { fpmOf, poolRemovals, poolsIn, socketOf, unitPathOf, type OldPool } from './php.pools.ts';
import { answersAs, answersMarker } from './php.probe.ts';
import { areGone, dropOldPools, findFpmMaster, takeUpPools } from './php.process.ts';
import { poolMarkerOf, renderPool, sharedPoolText } from './php.render.ts';
import { poolIdentity, type PoolIdentity } from './php.user.ts';

/** How long FPM may take to answer with the new text: requests under way end first. */
const longestMs = 12_000;
/** And with the right user behind it. */
const probeMs = 3_000;
/** nginx's old processes still send requests to the old pool for so long at most. */
const oldWorkersMs = 5_000;

/** The pool of a PHP site as a part of the site's change. For other kinds only what is left of an earlier pool. */
export function createPhpCompanion(machine: Machine, input: CompanionInput): Companion {
  const { spec, user, existing, isKept, isEnded, deadlineAt } = input;
  const { prefix } = machine;
  const identity = poolIdentity(machine, user.name);
  const pool = wantedPool(machine, spec, isEnded, user.name, identity);
  const old = poolsIn(existing).filter(({ path }) => path !== pool?.shown);
  const isSame = pool !== null && existing?.files[pool.shown] === sha256(pool.text) && isThere(prefix + pool.shown);
  const isUnitNew =
    pool !== null &&
    (pool.fpm.slug === null ? isPhpUnitNew(machine, pool.fpm.version) : isOwnUnitNew(machine, pool.fpm, pool.unit));
  let hasBegun = false;

  /** Ends when FPM has taken up what lies there now: the pool's text answers, or its socket is gone with it. */
  async function takeUp({ fpm, path, socket }: Pool): Promise<void> {
    // Begun for this change, which was taken back.
    if (fpm.slug !== null && !isThere(path)) return await endOwnFpm(machine, fpm);
    const marker = poolMarkerOf(readText(path) ?? '');
    const isTaken = (): Promise<boolean> | boolean =>
      marker !== undefined ? answersMarker(socket, marker) : isThere(path) || areGone([socket]);
    const endsAt = Math.min(Date.now() + longestMs, deadlineAt - 2_000);
    const taken = await takeUpPools(machine, fpm, isTaken, endsAt);
    if (taken.isTaken) return;
    throw taken.complaint === undefined ? notAnswering(fpm.version) : phpRejected(shownText(taken.complaint, prefix));
  }

  return {
    wants: isKept || pool === null ? removals() : [...wantsOf(machine, pool, identity, user.name), ...removals()],
    files: pool === null ? {} : sumsOf(textsOf(pool)),
    async validate() {
      if (isKept || isSame || pool === null) return;
      const { fpm } = pool;
      const candidate = renderPool(spec, pool.php, { ...pool.context, logBase: null });
      if (fpm.slug !== null) return await checkOwn(machine, fpm, ownCandidate(fpm, candidate));
      await checkPool(machine, { version: fpm.version, slug: spec.slug, pool: candidate, shared: sharedPoolText });
    },
    async activate() {
      if (isKept || pool === null) return;
      const isBack = hasBegun;
      hasBegun = true;
      if (isUnitNew) await reloadUnits(machine);
      if (isSame && findFpmMaster(pool.fpm) !== undefined) return;
      if (!isBack) openLog(machine, spec.slug, identity);
      await takeUp(pool);
    },
    async probe() {
      if (isKept || pool === null) return;
      const { socket, fpm } = pool;
      // It may begin anew once more: a signal that came while it took up an earlier one waits until that is done.
      const endsAt = Math.min(Date.now() + probeMs, deadlineAt - 2_000);
      if (!(await poll(() => answersAs(socket, identity.uid), endsAt))) throw notAnswering(fpm.version);
    },
    settle(hasLetGo) {
      if (!isKept && old.length > 0) machine.later('old PHP pools', () => dropPools(machine, old, hasLetGo));
    },
  };

  function removals(): Want[] {
    return isKept ? [] : poolRemovals(machine, old);
  }
}

type Pool = {
  readonly fpm: Fpm;
  readonly php: NonNullable<SiteSpec['php']>;
  readonly socket: string;
  readonly path: string;
  readonly shown: string;
  /** Of an own master it is the whole configuration. */
  readonly text: string;
  /** Of systemd, for an own master. */
  readonly unit: string | null;
  readonly context: Parameters<typeof renderPool>[2];
};

/** null: the site has no pool, by its kind, because it is switched off or its time is over. */
function wantedPool(
  machine: Machine,
  spec: SiteSpec,
  isEnded: boolean,
  linuxUser: string,
  identity: PoolIdentity,
): Pool | null {
  const { php } = spec;
  if (php === null || !spec.isEnabled || isEnded) return null;
  const { prefix } = machine;
  const fpm = php.isApart ? ownFpm(prefix, php.version, spec.slug) : sharedFpm(prefix, php.version);
  const path = php.isApart ? fpm.main : phpPaths(prefix, php.version).pool(spec.slug);
  const context = {
    prefix,
    runsAs: identity.runsAs,
    socketGroup: identity.socketGroup,
    linuxUser,
    logBase: `${prefix}${wwwlogs}/${spec.slug}`,
  };
  const pool = renderPool(spec, php, context);
  return {
    fpm,
    php,
    socket: phpSocket(prefix, php, spec.siteId),
    path,
    shown: shownPath(path, prefix),
    text: php.isApart ? ownMainText(fpm, pool) : pool,
    unit: php.isApart ? ownUnitText(machine, fpm, spec.siteId, php.limits) : null,
    context,
  };
}

/** By path without prefix. */
function textsOf({ shown, text, unit, fpm }: Pool): Record<string, string> {
  return { [shown]: text, ...(unit === null ? {} : { [unitPathOf(fpm)]: unit }) };
}

function sumsOf(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)]));
}

/** The texts that the panel would write, by path without prefix; none when the site has no pool. */
export function phpTexts(
  machine: Machine,
  spec: SiteSpec,
  isEnded: boolean,
  linuxUser: string,
): Record<string, string> {
  if (spec.php === null || linuxUser === '') return {};
  const pool = wantedPool(machine, spec, isEnded, linuxUser, poolIdentity(machine, linuxUser));
  return pool === null ? {} : textsOf(pool);
}

/** Once nginx has let go: FPM forgets pools whose files are gone. Ends when it was told. */
export async function dropPools(machine: Machine, pools: readonly OldPool[], hasLetGo: () => boolean): Promise<void> {
  const { prefix } = machine;
  await poll(hasLetGo, Date.now() + oldWorkersMs);
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    for (const pool of pools) {
      // It may have come back meanwhile.
      if (isThere(prefix + pool.path)) continue;
      const fpm = fpmOf(prefix, pool);
      if (pool.isApart) await endOwnFpm(machine, fpm);
      else await dropOldPools(machine, fpm, [socketOf(prefix, pool)]);
    }
  });
}

function isThere(path: string): boolean {
  return look(path).type === 'file';
}

function wantsOf(machine: Machine, pool: Pool, { uid, gid }: PoolIdentity, linuxUser: string): Want[] {
  const { prefix } = machine;
  const folders = privateFolders(linuxUser);
  const self = selfOwner(machine);
  const file = (path: string, text: string): Want => {
    const shownAs = shownPath(path, prefix);
    return { kind: 'file', path, bytes: Buffer.from(text), mode: 0o644, ...self, shownAs };
  };
  return [
    // Made at every start of a machine with systemd; elsewhere nobody else makes it.
    { kind: 'folder', path: prefix + socketFolder, mode: 0o755, ...self },
    { kind: 'folder', path: prefix + privateRoot, mode: 0o711, ...self },
    ...[folders.own, folders.sessions, folders.temporary].map(
      (path): Want => ({ kind: 'folder', path: prefix + path, mode: 0o700, uid, gid }),
    ),
    ...placeWants(),
  ];

  function placeWants(): Want[] {
    const { fpm } = pool;
    const texts = Object.entries(textsOf(pool)).map(([path, text]) => file(prefix + path, text));
    if (fpm.slug === null)
      return [
        ...phpUnitWants(machine, fpm.version, self),
        file(phpPaths(prefix, fpm.version).shared, sharedPoolText),
        ...texts,
      ];
    const { folders: around, links } = ownWants(machine, fpm, self);
    return [...around, ...texts, ...links];
  }
}

/** PHP writes its errors as the site's user, into a folder where that user may make nothing. */
function openLog(machine: Machine, slug: string, { uid, gid }: PoolIdentity): void {
  const path = `${machine.prefix}${wwwlogs}/${slug}.php.log`;
  giveLog(path, 0o640, machine.isRoot ? { uid, gid } : null);
}

function shownText(text: string, prefix: string): string {
  return prefix === '' ? text : text.replaceAll(prefix, '');
}

function notAnswering(version: string): AppError {
  return new AppError('config_rejected', 'PHP-FPM did not answer for the site; the old state is back.', {
    reason: 'php_not_answering',
    params: { version },
  });
}
