import { networkInterfaces } from 'node:os';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppWish } from '#shared/apps.ts';
import { wwwlogs } from '#shared/site-folders.ts';
import { planApp, targetsOf, type AppPlan } from '../apps/apps.plan.ts';
import { certificatesFolder } from '../certificates/shelf.ts';
import { dropBeside, listNames, readText, removeFile } from '../core/files.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import { nginxBuild } from '../nginx/nginx.build.ts';
import { hasForeignDefault, mainFacts, nginxPaths } from '../nginx/nginx.files.ts';
import { hashSettings, renderShared, renderSite, withoutNobody } from '../nginx/nginx.render.ts';
import { refusalLines } from '../nginx/nginx.tls.ts';
import { allRecords, findRecord, type SiteRelease } from './site-records.ts';
import { releaseOf, releaseToken } from './site-release.ts';

export type Texts = {
  readonly site: string;
  /** The same while it is switched off too: what somebody's own text stands in for does not change with the switch. */
  readonly whenOn: string;
  readonly candidate: string;
  readonly shared: string;
  /** Of the site's application: where nginx finds it. */
  readonly plan: AppPlan | null;
  readonly isEnded: boolean;
};

export function candidatePaths(machine: Machine, slug: string): { site: string; custom: string } {
  const folder = `${machine.stateFolder}/candidate`;
  return { site: `${folder}/${slug}.conf`, custom: `${folder}/${slug}.custom.conf` };
}

/** What a crash in the middle of a question to nginx left behind; read by nobody. */
export function clearCandidates(machine: Machine): void {
  const folder = `${machine.stateFolder}/candidate`;
  for (const name of listNames(folder)) removeFile(`${folder}/${name}`);
  const { candidate } = nginxPaths(machine.prefix);
  removeFile(candidate);
  dropBeside(candidate, 'check');
}

type RenderWish = {
  readonly appWish?: AppWish | undefined;
  readonly release?: SiteRelease | null;
  readonly isEnded?: boolean;
};

/** `release`: what the site serves, `isEnded`: whether its time is over; by its record unless that is about to change. */
export async function renderTexts(
  machine: Machine,
  spec: SiteSpec,
  {
    appWish,
    release = releaseOf(machine, spec, findRecord(machine, spec.slug)),
    isEnded = findRecord(machine, spec.slug)?.isEnded === true,
  }: RenderWish = {},
): Promise<Texts> {
  const { prefix } = machine;
  const hasIpv6 = hasIpv6Addresses();
  const customPath = nginxPaths(prefix).customOf(spec.slug);
  const candidate = candidatePaths(machine, spec.slug);
  const tls = {
    ports: webPortsOf(machine),
    build: await nginxBuild(prefix),
    certificates: certificatesFolder(machine),
  };
  const deployed =
    spec.deploy === null
      ? null
      : { token: await releaseToken(machine, spec.siteId), folder: release === null ? null : release.folder };
  const plan = planApp(machine, spec, findRecord(machine, spec.slug), {
    wish: appWish,
    isDeployed: release !== null,
    isEnded,
  });
  const base = { hasIpv6, prefix, tls, deployed, appTargets: targetsOf(prefix, spec, plan) };
  const context = { ...base, customPath, logBase: `${prefix}${wwwlogs}/${spec.slug}` };
  return {
    plan,
    isEnded,
    site: renderSite(spec, context),
    whenOn: renderSite({ ...spec, isEnabled: true }, context),
    candidate: renderSite(spec, { ...base, customPath: candidate.custom, logBase: null }),
    shared: await sharedText(machine, spec),
  };
}

function hasIpv6Addresses(): boolean {
  return Object.values(networkInterfaces()).some((list) => (list ?? []).some(({ family }) => family === 'IPv6'));
}

/** Ours, unless somebody changed it and it still does what the sites need: then theirs stays. */
export async function sharedText(machine: Machine, changed?: SiteSpec): Promise<string> {
  const { prefix } = machine;
  const present = readText(nginxPaths(prefix).shared);
  const ports = webPortsOf(machine);
  const build = await nginxBuild(prefix);
  const isSecure = (changed?.tls ?? null) !== null || hasSecureSite(machine);
  const isOverTcp = isSecure && !hasForeignDefault(prefix, ports.https);
  const isOverQuic = build.hasHttp3 && (changed?.tls?.isHttp3 === true || hasQuicSite(machine, changed));
  const nobody = isOverTcp || isOverQuic ? { ports, build, hasIpv6: hasIpv6Addresses(), isOverTcp, isOverQuic } : null;
  const rendered = renderShared({ prefix, alreadySet: mainFacts(prefix).httpSettings, nobody });
  // Whichever of its settings stood elsewhere when it was written.
  const sets = Object.keys(hashSettings).reduce<string[][]>(
    (all, name) => [...all, ...all.map((set) => [...set, name])],
    [[]],
  );
  const variants = sets.map((set) => renderShared({ prefix, alreadySet: new Set(set), nobody: null }));
  if (present === undefined || variants.includes(withoutNobody(present))) return rendered;
  const needed = ['aapanel/enabled/*.conf;', '$aapanel_connection', '$aapanel_request_id', 'log_format aapanel '];
  if (nobody !== null) needed.push(...refusalLines(build).slice(0, 1));
  if (isOverQuic) needed.push(' reuseport;', '$aapanel_host');
  return needed.every((part) => present.includes(part)) ? present : rendered;
}

function hasSecureSite(machine: Machine): boolean {
  return [...allRecords(machine).values()].some(({ settings }) => (settings?.tls ?? null) !== null);
}

/** Besides the site that is being changed. */
function hasQuicSite(machine: Machine, changed: SiteSpec | undefined): boolean {
  return [...allRecords(machine).values()].some(
    ({ slug, settings }) => slug !== changed?.slug && settings?.tls?.isHttp3 === true,
  );
}
