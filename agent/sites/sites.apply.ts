import { AppError } from '#shared/errors.ts';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppWish } from '#shared/apps.ts';
import { settingsOf } from '#shared/site-settings.ts';
import { wwwlogs, wwwroot } from '#shared/site-folders.ts';
import { keepUsersApart } from '../apps/apps.fence.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { giveLog, look, putFile, readText, removeFile, sha256, Unsynced } from '../core/files.ts';
import { findGroup, listAccounts, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import {
  askAboutCandidate,
  askNginx,
  blamedSite,
  brokenElsewhere,
  findNginx,
  shownPath,
} from '../nginx/nginx.check.ts';
import { mainFacts, nginxPaths } from '../nginx/nginx.files.ts';
import { BrokenSiteError, isolateSite } from '../nginx/nginx.isolate.ts';
import { limitWants } from '../nginx/nginx.limits.ts';
import { findMaster, nginxLock } from '../nginx/nginx.process.ts';
import { challengeFolder, markerOf } from '../nginx/nginx.render.ts';
import { checkKeys } from '../sftp/sftp.site.ts';
import { refillSpares, takeUserNamed, type SiteUser } from '../unix-users/users.ts';
import { checkNginx, checkPorts, checkServedFolder, checkSpec, foldersOf } from './site-checks.ts';
import { servedFingerprint } from '../certificates/shelf.ts';
import {
  checkOwner,
  driftError,
  findDrift,
  findRecord,
  noteRecord,
  recordWant,
  selfOwner,
  takenUsers,
  type SiteRecord,
  type SiteRelease,
} from './site-records.ts';
import { endMarkWants, hasEnded } from './site-end.ts';
import { makeCacheRoot } from './site-cache.ts';
import type { Companion } from './site-companion.ts';
import { checkDeploy, releaseOf } from './site-release.ts';
import { companionsOf, renderedSumOf } from './site-companions.ts';
import { createServing, nginxRejected, targetsOf } from './site-serving.ts';
import { candidatePaths, renderTexts, type Texts } from './site-texts.ts';
import { renderWelcome } from './welcome.ts';

type Result = ActionResult<AgentActions['sites.apply']>;
export type ApplyInput = ActionParams<AgentActions['sites.apply']> & {
  readonly action: string;
  /** More to do in the same transaction, first. */
  readonly wantsBefore?: readonly Want[];
  /** A new site gets the Linux user of this name. */
  readonly userName?: string;
  /** Of this name, kept for it. */
  readonly reservedUser?: string;
  /** What is served from now on, when it is not what was. */
  readonly release?: SiteRelease | null;
  /** More to see before the change stays. */
  readonly probeAfter?: () => Promise<void>;
  /** Kept with the outcome. */
  readonly moreFacts?: () => Readonly<Record<string, unknown>>;
  /** More to write once the site's user is known. */
  readonly wantsFor?: (user: SiteUser) => readonly Want[];
  /** What becomes of its application, when this is about that. */
  readonly appWish?: AppWish;
};

export { nginxLock };
/** A site that comes back may have to wait for its files: its application is started, and not waited for. */
const ungatedActions: readonly string[] = ['sites.restore', 'backups.revive_site', 'copies.settle', 'sites.settle_end'];
/** Set aside at most so many sites on the way to one change. */
const maxIsolations = 50;

export async function applySite(machine: Machine, input: ApplyInput, call: Call): Promise<Result> {
  const done = findDone(machine, input.changeId);
  if (done !== undefined) return done;
  for (let round = 0; ; round++) {
    try {
      return await applyOnce(machine, input, call);
    } catch (error) {
      if (!(error instanceof BrokenSiteError) || round >= maxIsolations) throw error;
      await isolateSite(machine, error.slug, error.complaint);
    }
  }
}

/** The answer of a change that was committed before: asking twice changes nothing. */
function findDone(machine: Machine, changeId: string): Result | undefined {
  const outcome = machine.engine.find(changeId);
  if (outcome === undefined || outcome === 'open' || outcome.state !== 'committed') return undefined;
  const { linuxUser, isServing } = outcome.facts as { linuxUser: string; isServing: boolean };
  return { linuxUser, isServing, files: outcome.files };
}

async function applyOnce(machine: Machine, input: ApplyInput, call: Call): Promise<Result> {
  const { spec, changeId, onDrift, action } = input;
  const existing = findRecord(machine, spec.slug);
  checkOwner(existing, spec);
  checkSpec(machine, spec);
  // What comes back was allowed once, maybe by another nginx: it serves as far as this one can.
  if (action === 'sites.apply') {
    await checkNginx(machine, spec, existing);
    checkServedFolder(machine, spec, existing);
  }
  // What comes back from the bin or a backup was allowed once.
  checkDeploy(spec, existing, action === 'sites.apply' ? call : { may: () => true });
  const release = input.release === undefined ? releaseOf(machine, spec, existing) : input.release;
  // Somebody's own text stays as it is, also when the time of its site is over.
  const isEnded = existing?.adopted == null && hasEnded(spec.reach, machine.now());
  const texts = await renderTexts(machine, spec, { appWish: input.appWish, release, isEnded });
  const renderedSum = renderedSumOf(machine, spec, texts, existing?.linuxUser ?? '');
  const isKept = checkHandWork(machine, spec, existing, renderedSum, onDrift);
  // Behind everything that says what is wrong: nobody confirms for what cannot be.
  if (!isKept && changesDirectives(machine, spec)) requireTicket(call, 'sites.custom_directives');
  checkKeys(spec, existing, call);
  checkPorts(machine, spec);
  const user =
    existing === undefined || existing.linuxUser === ''
      ? await takeUserNamed(machine, input.userName ?? '', takenUsers(machine, input.reservedUser))
      : { name: existing.linuxUser, uid: existing.uid };
  await keepUsersApart(machine);
  const { deadlineAt } = call;
  const isGated = !ungatedActions.includes(action);
  const companions = companionsOf(machine, { spec, user, existing, isKept, isEnded, isGated, deadlineAt }, texts.plan);
  const record = newRecord(machine, { spec, user, texts, companions, release, kept: isKept ? existing : undefined });
  const paths = nginxPaths(machine.prefix);
  const marker = isKept ? markerOf(readText(paths.site(spec.slug)) ?? '') : markerOf(texts.site);
  const serving = createServing(machine, {
    targets: targetsOf(machine, spec, servedFingerprint(machine, spec.tls)),
    marker: isKept ? undefined : marker,
    deadlineAt,
  });
  const outcome = await machine.engine.run({
    changeId,
    action,
    actor: call.actor.id,
    wants: [
      ...(input.wantsBefore ?? []),
      ...wantsOf(machine, input, user, texts, isKept),
      ...companions.flatMap(({ wants }) => wants),
      ...(input.wantsFor?.(user) ?? []),
      recordWant(machine, record),
      ...endMarkWants(machine, spec.slug, spec.reach.endsAt),
    ],
    async validate() {
      await validate(machine, spec, texts, isKept);
      for (const companion of companions) await companion.validate();
    },
    async activate() {
      for (const companion of companions) await companion.activate();
      closeLogs(machine, spec.slug);
      await serving.activate();
    },
    async probe() {
      await serving.probe();
      for (const companion of companions) await companion.probe();
      await input.probeAfter?.();
    },
    facts: () => ({
      ...input.moreFacts?.(),
      linuxUser: user.name,
      isServing: serving.isServing || findMaster(machine.prefix) !== undefined,
    }),
  });
  noteRecord(machine, spec.slug, record);
  for (const companion of companions) companion.settle(serving.hasLetGo);
  machine.later('spare users', async () => {
    await refillSpares(machine, () => takenUsers(machine));
    await keepUsersApart(machine);
  });
  const { linuxUser, isServing } = outcome.facts as { linuxUser: string; isServing: boolean };
  return { linuxUser, isServing, files: outcome.files };
}

/** Directives of somebody's own can do nearly everything that nginx can: other ones than are in place need a ticket. */
function changesDirectives({ prefix }: Machine, { slug, customDirectives }: SiteSpec): boolean {
  const present = readText(nginxPaths(prefix).customOf(slug)) ?? '';
  return customDirectives.trim() === '' ? present !== '' : customDirectives !== present;
}

/** nginx makes its logs readable to everybody, and in them stand the visitors of the site: other sites' users must not. */
function closeLogs({ prefix }: Machine, slug: string): void {
  if (findMaster(prefix) === undefined) return;
  for (const kind of ['access', 'error']) giveLog(`${prefix}${wwwlogs}/${slug}.${kind}.log`, 0o640, null);
}

/** True when the hand-written text in place stays. Throws when something of somebody's would be lost. */
function checkHandWork(
  machine: Machine,
  spec: SiteSpec,
  existing: SiteRecord | undefined,
  renderedSum: string,
  onDrift: 'refuse' | 'overwrite',
): boolean {
  if (onDrift === 'overwrite') return false;
  const path = shownPath(nginxPaths(machine.prefix).site(spec.slug), machine.prefix);
  if (existing === undefined || Object.keys(existing.files).length === 0) {
    if (look(machine.prefix + path).type !== 'missing') throw driftError({ path });
    return false;
  }
  const drift = findDrift(machine, existing);
  if (drift !== undefined) throw driftError(drift);
  if (existing.adopted === null) return false;
  if (existing.adopted.renderedSum === renderedSum) return true;
  throw new AppError('in_use', 'This site has a hand-written configuration that the panel does not change.', {
    reason: 'site_adopted',
    params: { path },
  });
}

function newRecord(
  machine: Machine,
  given: {
    readonly spec: SiteSpec;
    readonly user: SiteUser;
    readonly texts: Texts;
    readonly companions: readonly Companion[];
    readonly release: SiteRelease | null;
    readonly kept: SiteRecord | undefined;
  },
): SiteRecord {
  const { spec, user, texts, companions, release, kept } = given;
  const paths = nginxPaths(machine.prefix);
  const shown = (path: string): string => shownPath(path, machine.prefix);
  const custom =
    spec.customDirectives.trim() === '' ? {} : { [shown(paths.customOf(spec.slug))]: sha256(spec.customDirectives) };
  const theirs = Object.assign({}, ...companions.map(({ files }) => files)) as SiteRecord['files'];
  return {
    siteId: spec.siteId,
    slug: spec.slug,
    linuxUser: user.name,
    uid: user.uid,
    root: spec.root,
    domains: spec.domains,
    isEnabled: spec.isEnabled,
    ...(texts.isEnded ? { isEnded: true } : {}),
    kind: spec.kind,
    upstream: spec.upstream,
    settings: settingsOf(spec),
    ...(texts.plan === null ? {} : { app: texts.plan.record }),
    release,
    files: kept?.files ?? { [shown(paths.site(spec.slug))]: sha256(texts.site), ...custom, ...theirs },
    adopted: kept?.adopted ?? null,
    isolated: null,
  };
}

/** The folders that every site needs, and the file they share. */
export function baseWants(machine: Machine, shared: string): Want[] {
  const { prefix } = machine;
  const folder = (path: string, mode = 0o755): Want => ({
    kind: 'folder',
    path: prefix + path,
    mode,
    ...selfOwner(machine),
  });
  return [
    ...['/etc/nginx', '/etc/nginx/conf.d', '/etc/nginx/aapanel'].map((path) => folder(path)),
    ...['sites', 'custom', 'enabled'].map((name) => folder(`/etc/nginx/aapanel/${name}`)),
    folder('/var/lib'),
    folder(challengeFolder),
    folder('/www'),
    folder(wwwroot),
    // Workers of nginx open logs anew after a rotation: they must get through, not see the list.
    folder(wwwlogs, 0o711),
    configWant(machine, nginxPaths(prefix).shared, shared),
    ...limitWants(machine, selfOwner(machine)),
  ];
}

function configWant(machine: Machine, path: string, text: string): Want {
  const shown = { shownAs: shownPath(path, machine.prefix) };
  return { kind: 'file', path, bytes: Buffer.from(text), mode: 0o644, ...selfOwner(machine), ...shown };
}

function wantsOf(
  machine: Machine,
  { spec, isNew, wantsBefore }: ApplyInput,
  user: SiteUser,
  texts: Texts,
  isKept: boolean,
): Want[] {
  const { prefix } = machine;
  const paths = nginxPaths(prefix);
  const shownAs = (path: string): { shownAs: string } => ({ shownAs: shownPath(path, prefix) });
  const config = (path: string, text: string): Want => configWant(machine, path, text);
  const wants: Want[] = [
    ...baseWants(machine, texts.shared),
    ...rootWants(
      machine,
      spec,
      user,
      isNew,
      (wantsBefore ?? []).some(({ kind }) => kind === 'move'),
    ),
  ];
  if (!isKept) {
    const custom = paths.customOf(spec.slug);
    wants.push(config(paths.site(spec.slug), texts.site));
    if (spec.customDirectives.trim() === '') wants.push({ kind: 'remove', path: custom, ...shownAs(custom) });
    else wants.push(config(custom, spec.customDirectives));
  }
  const link = paths.link(spec.slug);
  // Switched off, its page is served; somebody's own text has none, and is not served then.
  if (spec.isEnabled || !isKept)
    wants.push({ kind: 'link', path: link, target: `../sites/${spec.slug}.conf`, ...shownAs(link) });
  else wants.push({ kind: 'remove', path: link, ...shownAs(link) });
  return wants;
}

/**
 * The served folder belongs to the site's user and to nginx's group, with the set-group-ID bit: nginx can read what the
 * user puts there later, users of other sites cannot.
 */
function rootWants(machine: Machine, spec: SiteSpec, user: SiteUser, isNew: boolean, isRestored: boolean): Want[] {
  // A folder that comes back from the recycle bin is there when its turn comes.
  const missing = isRestored
    ? []
    : foldersOf(spec.root)
        .slice(2)
        .filter((path) => look(machine.prefix + path).type === 'missing');
  const owner = siteOwner(machine, user);
  const mode = owner.isReadableByNginx ? 0o2750 : 0o2755;
  const { uid, gid } = owner;
  const wants: Want[] = missing.map((path) => ({ kind: 'folder', path: machine.prefix + path, mode, uid, gid }));
  const isEmpty = missing.includes(spec.root);
  if (isNew && isEmpty && spec.kind !== 'proxy' && spec.kind !== 'app') {
    const bytes = Buffer.from(renderWelcome(spec.domains[0]?.host ?? spec.slug, spec.kind));
    const index = spec.kind === 'php' ? 'index.php' : 'index.html';
    wants.push({ kind: 'file', path: `${machine.prefix}${spec.root}/${index}`, bytes, mode: 0o644, uid, gid });
  }
  return wants;
}

export function siteOwner(machine: Machine, user: SiteUser): { uid: number; gid: number; isReadableByNginx: boolean } {
  if (user.uid === null) return { ...selfOwner(machine), isReadableByNginx: false };
  const gid = nginxGroup(machine);
  return { uid: user.uid, gid: gid ?? 0, isReadableByNginx: gid !== undefined };
}

/** That the served folders of sites belong to; undefined where there is no nginx. */
export function nginxGroup({ prefix }: Pick<Machine, 'prefix'>): number | undefined {
  const name = mainFacts(prefix).user;
  return listAccounts().find((account) => account.name === name)?.gid ?? findGroup('www-data');
}

async function validate(machine: Machine, spec: SiteSpec, texts: Texts, isKept: boolean): Promise<void> {
  const { prefix } = machine;
  if (findNginx(prefix) === undefined || look(nginxPaths(prefix).main).type === 'missing') return;
  makeCacheRoot(machine, spec);
  const files = candidatePaths(machine, spec.slug);
  const put = (path: string, text: string): void => {
    const unsynced = new Unsynced();
    putFile(path, Buffer.from(text), { mode: 0o600 }, 'check', unsynced);
    unsynced.drop();
  };
  put(files.site, texts.candidate);
  put(files.custom, spec.customDirectives);
  try {
    const siteFile = isKept ? nginxPaths(prefix).site(spec.slug) : files.site;
    await checkCandidate(machine, spec.slug, siteFile, texts.shared);
  } finally {
    removeFile(files.site);
    removeFile(files.custom);
  }
}

/** Throws what nginx says of the tree with this site's file in its place; null: without the site. */
export async function checkCandidate(
  machine: Machine,
  slug: string,
  siteFile: string | null,
  shared: string,
): Promise<void> {
  const { prefix } = machine;
  const paths = nginxPaths(prefix);
  if (findNginx(prefix) === undefined || look(paths.main).type === 'missing') return;
  const none = new Set<string>();
  const complaint = await askAboutCandidate(prefix, { shared, slug, siteFile, without: none });
  if (complaint === undefined) return;
  const ours = candidatePaths(machine, slug);
  const message = complaint.message
    .replaceAll(ours.custom, paths.customOf(slug))
    .replaceAll(ours.site, paths.site(slug))
    .replaceAll(paths.candidate, paths.main);
  const rejected = nginxRejected(prefix === '' ? message : message.replaceAll(prefix, ''));
  const isOurs = complaint.file !== null && [ours.site, ours.custom, siteFile].includes(complaint.file);
  if (isOurs) throw rejected;
  // Was it broken before? Only then is it not this change's fault.
  const present = look(paths.link(slug)).type === 'link' ? paths.link(slug) : null;
  const isSharedThere = look(paths.shared).type === 'file';
  const before = isSharedThere
    ? await askAboutCandidate(prefix, { shared, slug, siteFile: present, without: none })
    : await askNginx(prefix, paths.main);
  if (before === undefined) throw rejected;
  const blamed = blamedSite(prefix, before);
  if (blamed === slug) throw rejected;
  if (blamed !== null) throw new BrokenSiteError(blamed, before);
  throw brokenElsewhere(before.file === paths.candidate ? { ...before, file: paths.main } : before, prefix);
}
