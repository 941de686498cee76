import type { SiteApp } from '#shared/site-app.ts';
import { listAccounts, logLine } from '../core/machine.ts';
import { findProgram, run, startProgram } from '../core/run.ts';
import { mainFacts } from '../nginx/nginx.files.ts';
import { siteAccounts } from '../unix-users/users.ts';
import { wasServed } from '../sites/site-end.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import type { AppRecord } from './app-record.ts';
import {
  fenceTable,
  portNumbers,
  renderClosing,
  renderFence,
  renderOpening,
  renderTargets,
  renderUsers,
  type ClosedPort,
} from './apps.fence.render.ts';
import { listeners, portsOfApp } from './apps.ports.ts';
import { areTargetsNew, noteTargets, udpSockets, udpTargets } from './udp-ports.ts';
import type { AppHost } from './apps.unit.ts';

/*
 * Every program of a machine can connect to a port of it. The ports of applications are closed to all but the site's own
 * user, nginx and root, by a table of nftables. What cannot be closed here fails nothing: the status of the application says so.
 */

type Closable = ClosedPort & { /** By somebody, not by the panel. */ readonly isGiven: boolean };

const limitMs = 10_000;

/** Without systemd nobody would put it up again after a boot. Under a prefix it is a test's own. */
function findNft({ isRoot, hasSystemd, prefix }: AppHost): string | undefined {
  return isRoot && (hasSystemd || prefix !== '') ? findProgram('nft', prefix) : undefined;
}

/** What belongs to an application: of all its instances, in both places where the panel has chosen the ports. */
export function closableOf(
  uid: number | null,
  app: SiteApp | null | undefined,
  ports: AppRecord['ports'] | undefined,
): Closable[] {
  if (uid === null || app?.listen.kind !== 'port') return [];
  const isGiven = app.listen.port !== null;
  return portsOfApp(app, ports).map((port) => ({ uid, port, isGiven }));
}

/** The same, by the record; also while it is off. */
export function closableIn(record: Pick<SiteRecord, 'uid' | 'settings' | 'app'> | undefined): Closable[] {
  return record === undefined ? [] : closableOf(record.uid, record.settings?.app, record.app?.ports);
}

/** Of all applications that are meant to run. */
function allClosable(host: Pick<AppHost, 'stateFolder'>): Closable[] {
  return [...allRecords(host).values()].flatMap((record) =>
    record.app?.isOn === true && wasServed(record) ? closableIn(record) : [],
  );
}

/** A port that somebody named may be that of a service which other sites need; only those of sites are closed. */
function withoutServices(host: AppHost, closable: readonly Closable[]): readonly Closable[] {
  if (!closable.some(({ isGiven }) => isGiven)) return closable;
  const users = new Set([...closable, ...allRecords(host).values()].map(({ uid }) => uid));
  const held = new Set(listeners().flatMap(({ port, uid }) => (users.has(uid) ? [] : [port])));
  return closable.filter(({ port, isGiven }) => !isGiven || !held.has(port));
}

/** The whole table from the records: after a boot or a crash, and when somebody has flushed it. */
export async function raiseFence(host: AppHost): Promise<void> {
  const nft = findNft(host);
  if (nft !== undefined && allRecords(host).size > 0) await raise(host, nft);
}

async function raise(host: AppHost, nft: string): Promise<void> {
  const nginx = listAccounts().find(({ name }) => name === mainFacts(host.prefix).user);
  const always = [...new Set([0, ...(nginx === undefined ? [] : [nginx.uid])])];
  const users = siteUids(host);
  const closed = withoutServices(host, allClosable(host));
  const targets = udpTargets(udpSockets(), new Set(users));
  const complaint = await tell(nft, renderFence({ closed, always, users, targets }));
  note(complaint);
  if (complaint !== null) return;
  apart.set(host, new Set(users));
  await noteTargets(host, targets);
}

/** The users in the table, as far as this process has told. */
const apart = new WeakMap<object, ReadonlySet<number>>();

/** Of sites, of removed ones whose user was kept, and of those to come. */
export function siteUids(host: Pick<AppHost, 'stateFolder' | 'prefix'>): number[] {
  const uids = [...allRecords(host).values()].flatMap(({ uid }) => (uid === null ? [] : [uid]));
  return [...new Set([...uids, ...(host.prefix === '' ? siteAccounts().map(({ uid }) => uid) : [])])];
}

/** Before anything runs as a user that was just made. Those who are gone may stay: their number can only be another site's. */
export async function keepUsersApart(host: AppHost): Promise<void> {
  const nft = findNft(host);
  if (nft === undefined) return;
  const told = apart.get(host);
  const users = siteUids(host).filter((uid) => told?.has(uid) !== true);
  if (users.length === 0) return;
  if (told === undefined || (await tell(nft, renderUsers(users))) !== null) return await raise(host, nft);
  apart.set(host, new Set([...told, ...users]));
}

/** Once programs of a site run: what they wait for datagrams on is theirs. */
export async function lookForDatagrams(host: AppHost): Promise<void> {
  const nft = findNft(host);
  if (nft === undefined) return;
  const targets = udpTargets(udpSockets(), new Set(siteUids(host)));
  if ((await tell(nft, renderTargets(targets))) === null) await noteTargets(host, targets);
}

/**
 * For the timer: has the table put up anew when somebody waits for datagrams of whom it does not know. The timer's own network
 * is an empty one; that of the machine is seen through its first process.
 */
export async function lookForNewDatagrams(
  where: Pick<AppHost, 'stateFolder' | 'prefix' | 'hasSystemd'>,
): Promise<void> {
  const systemctl = where.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl === undefined) return;
  const targets = udpTargets(udpSockets('/proc/1/net'), new Set(siteUids(where)));
  if (!areTargetsNew(where, targets)) return;
  await run(systemctl, ['restart', '--no-block', 'aapanel-ports.service'], { timeoutMs: limitMs });
}

/** Before an application starts. */
export async function closePorts(host: AppHost, closable: readonly Closable[]): Promise<void> {
  const nft = findNft(host);
  const closed = withoutServices(host, closable);
  if (nft === undefined || closed.length === 0) return;
  if ((await tell(nft, renderClosing(closed))) === null) return;
  // The first application of the machine, or somebody has flushed all rules.
  await raise(host, nft);
  note(await tell(nft, renderClosing(closed)));
}

/** Once nothing listens there any more. What an application that is meant to run has stays closed. */
export async function openPorts(host: AppHost, closable: readonly Closable[]): Promise<void> {
  const nft = findNft(host);
  const freed = freedOf(host, closable);
  if (nft === undefined || freed.length === 0) return;
  const kept = new Set(portNumbers(allClosable(host)));
  // Without the table nothing is closed, and there is nothing to say of it.
  await tell(
    nft,
    renderOpening(
      freed,
      portNumbers(freed).filter((port) => !kept.has(port)),
    ),
  );
}

/** Those that no application needs which is meant to run. */
export function freedOf(host: Pick<AppHost, 'stateFolder'>, closable: readonly Closable[]): Closable[] {
  if (closable.length === 0) return [];
  const needed = new Set(allClosable(host).map(({ uid, port }) => `${uid} ${port}`));
  return closable.filter(({ uid, port }) => !needed.has(`${uid} ${port}`));
}

/** Whether other sites are kept from all of these, as the kernel has it. */
export async function arePortsClosed(host: AppHost, ports: readonly number[]): Promise<boolean> {
  const nft = findNft(host);
  if (nft === undefined) return false;
  const { code } = await run(nft, ['get', 'element', ...fenceTable, 'ports', `{ ${ports.join(', ')} }`], {
    timeoutMs: limitMs,
  });
  return code === 0;
}

/** What it complains of; null: done, all of it or nothing. */
async function tell(nft: string, text: string): Promise<string | null> {
  const program = startProgram(nft, ['-f', '-'], { stdin: 'pipe', timeoutMs: limitMs });
  program.stdout.resume();
  program.stdin.end(text);
  const { code, stderr } = await program.ended.catch((error: unknown) => ({ code: null, stderr: String(error) }));
  return code === 0 ? null : stderr.trim();
}

function note(complaint: string | null): void {
  if (complaint !== null)
    logLine('error', 'other sites can reach the ports of applications', { error: complaint.slice(0, 500) });
}
