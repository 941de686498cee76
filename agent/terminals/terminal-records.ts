import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, look, makeFolder, putFile, readText, removeOwnFolder, Unsynced } from '../core/files.ts';
import { findGroup, type Machine } from '../core/machine.ts';
import { idPattern } from '#shared/http.ts';
import type { SshTarget } from './ssh-hosts.ts';

/*
 * One folder for each terminal below /run: gone with the next start of the machine, as the terminals are. The web process
 * may pass through it to the socket and reads nothing there.
 */

type Where = Pick<Machine, 'prefix' | 'isRoot'>;

export type TerminalFacts = {
  readonly terminalId: string;
  readonly personId: string;
  /** Absent in those of an earlier version that still run. */
  readonly personName?: string;
  readonly kind: 'site' | 'root' | 'host';
  readonly siteId: string | null;
  readonly user: string;
  /** null: as whoever the agent is. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  readonly home: string;
  readonly cwd: string;
  readonly shellPath: string;
  readonly cols: number;
  readonly rows: number;
  /** Epoch ms. */
  readonly startedAt: number;
  /** SHA-256 of the first key, hex. */
  readonly keyHash: string;
  /** Absent in those of an earlier version that still run. */
  readonly isRecorded?: boolean;
  /** First in PATH; absent in those of an earlier version that still run. */
  readonly folders?: readonly string[];
  /** Of a saved host. */
  readonly ssh?: SshTarget;
};

/** Also where there never was one. */
export const terminalsFolder = ({ prefix }: Pick<Machine, 'prefix'>): string => `${prefix}/run/aapanel-terminals`;
const folderOf = (where: Where, terminalId: string): string => `${terminalsFolder(where)}/${terminalId}`;
/** What ssh needs on a saved host: not where only root and the web process come. */
export const sshFolder = ({ prefix }: Pick<Machine, 'prefix'>, terminalId: string): string =>
  `${prefix}/run/aapanel-ssh/${terminalId}`;
/** The web process speaks to the terminal here. */
export const socketPath = (where: Where, terminalId: string): string => `${folderOf(where, terminalId)}/io`;
/** Root does here. */
export const controlPath = (where: Where, terminalId: string): string => `${folderOf(where, terminalId)}/control`;
export const logPath = (where: Where, terminalId: string): string => `${folderOf(where, terminalId)}/log`;
export const unitOf = (terminalId: string): string => `aapanel-terminal-${terminalId}`;

/** `group`: of the web process. What is made in the folders gets it too. */
export function makeTerminalFolder(where: Where, facts: TerminalFacts, group: string): void {
  const gid = findGroup(group);
  const looks = { mode: 0o2710, ...(where.isRoot && gid !== undefined ? { uid: 0, gid } : {}) };
  for (const path of [terminalsFolder(where), folderOf(where, facts.terminalId)])
    if (look(path).type === 'missing') makeFolder(path, looks);
  putJson(`${folderOf(where, facts.terminalId)}/facts.json`, facts);
}

export function noteHost(where: Where, terminalId: string, mark: ProcessMark): void {
  putJson(`${folderOf(where, terminalId)}/host.json`, mark);
}

function putJson(path: string, value: unknown): void {
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(JSON.stringify(value)), { mode: 0o600 }, 'json', unsynced);
  unsynced.drop();
}

export function readFacts(where: Where, terminalId: string): TerminalFacts | undefined {
  return readJson<TerminalFacts>(`${folderOf(where, terminalId)}/facts.json`);
}

/** undefined: it has not begun yet. */
export function hostOf(where: Where, terminalId: string): ProcessMark | undefined {
  return readJson<ProcessMark>(`${folderOf(where, terminalId)}/host.json`);
}

function readJson<T>(path: string): T | undefined {
  const text = readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** Of every terminal whose process runs; what others left behind is cleared away. */
export function listFacts(where: Where, now: number): TerminalFacts[] {
  return listNames(terminalsFolder(where)).flatMap((name): TerminalFacts[] => {
    if (!idPattern.test(name)) return [];
    const facts = readFacts(where, name);
    const host = hostOf(where, name);
    const isStarting = host === undefined && facts !== undefined && now - facts.startedAt < 30_000;
    if (isStarting) return [];
    if (facts !== undefined && host !== undefined && isAlive(host)) return [facts];
    forgetTerminal(where, name);
    return [];
  });
}

export function forgetTerminal(where: Where, terminalId: string): void {
  removeOwnFolder(folderOf(where, terminalId));
  // Its process may have been killed.
  if (look(sshFolder(where, terminalId)).type !== 'missing') removeOwnFolder(sshFolder(where, terminalId));
}
