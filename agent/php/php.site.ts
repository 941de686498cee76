import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { wwwlogs } from '#shared/site-folders.ts';
import { giveLog, look, readText, sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { nginxLock, poll } from '../nginx/nginx.process.ts';
import type { Companion, CompanionInput } from '../sites/site-companion.ts';
import { selfOwner, type SiteRecord } from '../sites/site-records.ts';
import { isPhpUnitNew, phpUnitWants, reloadUnits } from './php.apart.ts';
import { checkPool, phpRejected } from './php.check.ts';
import { phpPaths, phpSocket, privateFolders, privateRoot, socketFolder } from './php.paths.ts';
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
  const isUnitNew = pool !== null && isPhpUnitNew(machine, pool.version);
  let hasBegun = false;

  /** Ends when FPM has taken up what lies there now: the pool's text answers, or its socket is gone with it. */
  async function takeUp({ version, path }: Pick<Pool, 'version' | 'path'>): Promise<void> {
    const socket = phpSocket(prefix, version, spec.siteId);
    const marker = poolMarkerOf(readText(path) ?? '');
    const isTaken = (): Promise<boolean> | boolean =>
      marker !== undefined ? answersMarker(socket, marker) : isThere(path) || areGone([socket]);
    const endsAt = Math.min(Date.now() + longestMs, deadlineAt - 2_000);
    const taken = await takeUpPools(machine, version, isTaken, endsAt);
    if (taken.isTaken) return;
    throw taken.complaint === undefined ? notAnswering(version) : phpRejected(shownText(taken.complaint, prefix));
  }

  return {
    wants: isKept || pool === null ? removals() : [...wantsOf(machine, pool, identity, user.name), ...removals()],
    files: pool === null ? {} : { [pool.shown]: sha256(pool.text) },
    async validate() {
      if (isKept || isSame || pool === null) return;
      const candidate = renderPool(spec, pool.php, { ...pool.context, logBase: null });
      await checkPool(machine, { version: pool.version, slug: spec.slug, pool: candidate, shared: sharedPoolText });
    },
    async activate() {
      if (isKept || pool === null) return;
      const isBack = hasBegun;
      hasBegun = true;
      if (isUnitNew) await reloadUnits(machine);
      if (isSame && findFpmMaster(prefix, pool.version) !== undefined) return;
      if (!isBack) openLog(machine, spec.slug, identity);
      await takeUp(pool);
    },
    async probe() {
      if (isKept || pool === null) return;
      const socket = phpSocket(prefix, pool.version, spec.siteId);
      // It may begin anew once more: a signal that came while it took up an earlier one waits until that is done.
      const endsAt = Math.min(Date.now() + probeMs, deadlineAt - 2_000);
      if (!(await poll(() => answersAs(socket, identity.uid), endsAt))) throw notAnswering(pool.version);
    },
    settle(hasLetGo) {
      if (!isKept && old.length > 0) machine.later('old PHP pools', () => dropPools(machine, old, hasLetGo));
    },
  };

  function removals(): Want[] {
    return isKept ? [] : old.map(({ path }) => removeWant(machine, path));
  }
}

type Pool = {
  readonly version: string;
  readonly php: NonNullable<SiteSpec['php']>;
  readonly path: string;
  readonly shown: string;
  readonly text: string;
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
  const path = phpPaths(prefix, php.version).pool(spec.slug);
  const context = {
    prefix,
    runsAs: identity.runsAs,
    socketGroup: identity.socketGroup,
    linuxUser,
    logBase: `${prefix}${wwwlogs}/${spec.slug}`,
  };
  const text = renderPool(spec, php, context);
  return { version: php.version, php, path, shown: shownPath(path, prefix), text, context };
}

/** The text that the panel would write; null when the site has no pool. */
export function phpPoolText(machine: Machine, spec: SiteSpec, isEnded: boolean, linuxUser: string): string | null {
  if (spec.php === null || linuxUser === '') return null;
  const identity = poolIdentity(machine, linuxUser);
  return wantedPool(machine, spec, isEnded, linuxUser, identity)?.text ?? null;
}

/** `path` without prefix. */
export type OldPool = { readonly version: string; readonly path: string; readonly siteId: string };

/** Pools that a site has on the machine, by its record. */
export function poolsIn(record: Pick<SiteRecord, 'files' | 'siteId'> | undefined): OldPool[] {
  if (record === undefined) return [];
  const { siteId } = record;
  return Object.keys(record.files).flatMap((path) => {
    const version = /^\/etc\/php\/([\d.]+)\/fpm\/pool\.d\//.exec(path)?.[1];
    return version === undefined ? [] : [{ version, path, siteId }];
  });
}

export function removeWant(machine: Machine, path: string): Want {
  return { kind: 'remove', path: machine.prefix + path, shownAs: path };
}

/** Once nginx has let go: FPM forgets pools whose files are gone. Ends when it was told. */
export async function dropPools(machine: Machine, pools: readonly OldPool[], hasLetGo: () => boolean): Promise<void> {
  const { prefix } = machine;
  await poll(hasLetGo, Date.now() + oldWorkersMs);
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    // It may have come back meanwhile.
    for (const { version, path, siteId } of pools)
      if (!isThere(prefix + path)) await dropOldPools(machine, version, [phpSocket(prefix, version, siteId)]);
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
    ...phpUnitWants(machine, pool.version, self),
    file(phpPaths(prefix, pool.version).shared, sharedPoolText),
    file(pool.path, pool.text),
  ];
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
