import { readFileSync, realpathSync } from 'node:fs';
import { makeFolders, readText } from './files.ts';
import { createLocks, takeLockFile, type Locks } from './lock.ts';
import { openEngine, type Checkpoint, type Engine, type Recovered } from './transaction.ts';

/** What the agent is told by its environment; read in agent/main.ts only. */
export type AgentSettings = {
  readonly socketPath: string;
  readonly stateFolder: string;
  /** Group that may connect. */
  readonly group: string;
  /** 0: never ends by itself. */
  readonly idleMs: number;
  /** Stands before `/etc/nginx`, `/www` …; empty in production. */
  readonly rootPrefix: string;
  /** How this program is started again, for operations that outlive it. */
  readonly program: readonly [string, ...string[]];
  /** The panel's settings file; `/etc/aapanel/panel.env` when nothing else is said. */
  readonly panelEnvironment?: string;
  /** The authority that issues certificates; Let's Encrypt unless said otherwise. */
  readonly acme?: {
    readonly directory?: string /** Path of the authorities that vouch for it. */;
    readonly caBundle?: string;
    /** Where orders are tried first; that of Let's Encrypt with its directory, none with another. */
    readonly staging?: string;
    /** Cloudflare's own unless said otherwise; the bundle above vouches for it then. */
    readonly cloudflareApi?: string;
    /** `address:port` of servers that are asked for records in place of those of each zone. */
    readonly nameServers?: readonly string[];
  };
  /** Where archives of Node are; nodejs.org unless said otherwise. */
  readonly nodeMirror?: string;
  /** Where sites are served over HTTP and HTTPS by default: 80 and 443 unless a test says otherwise. */
  readonly webPorts?: { readonly http: number; readonly https: number };
};

/** Everything an action works with. */
export type Machine = {
  readonly settings: AgentSettings;
  readonly prefix: string;
  readonly stateFolder: string;
  readonly engine: Engine;
  readonly locks: Locks;
  readonly isRoot: boolean;
  readonly hasSystemd: boolean;
  readonly recovered: Recovered[];
  readonly startedAt: number;
  /** Epoch ms, for everything about people, factors, elevations and the audit log. */
  readonly now: () => number;
  /** Work that goes on after an answer; the agent does not end while some is under way. */
  later(name: string, work: () => Promise<void>): void;
  readonly laterCount: number;
  /** Ends when all work that was under way has ended. */
  settled(): Promise<void>;
  close(): void;
};

/** Where sites are served unless their domains say otherwise. */
export function webPortsOf({ settings }: Pick<Machine, 'settings'>): { readonly http: number; readonly https: number } {
  return settings.webPorts ?? { http: 80, https: 443 };
}

/** What work on the agent's own state needs: of a machine, or of the console beside a running agent. */
export type OwnState = Pick<Machine, 'stateFolder' | 'locks' | 'now'>;

export type MachineOptions = {
  readonly lockPatienceMs?: number;
  readonly checkpoint?: Checkpoint;
  /** Makes the programs take up files that the recovery put back. */
  readonly takeUp?: () => Promise<void>;
  /** For tests in this process; the clock of the machine otherwise. */
  readonly now?: () => number;
};

/** Takes the state folder for this process alone and puts back what a crash left open. */
export async function openMachine(settings: AgentSettings, options: MachineOptions = {}): Promise<Machine> {
  const stateFolder = makeStateFolder(settings);
  const lock = await takeLockFile(`${stateFolder}/lock`, options.lockPatienceMs ?? 5_000);
  const engine = openEngine(stateFolder, options.checkpoint);
  const recovered = await engine.recover(options.takeUp);
  const under = new Set<Promise<void>>();
  return {
    settings,
    prefix: settings.rootPrefix,
    stateFolder,
    engine,
    locks: createLocks(),
    isRoot: process.getuid?.() === 0,
    hasSystemd: settings.rootPrefix === '' && hasSystemdNow(),
    recovered,
    startedAt: Date.now(),
    now: options.now ?? Date.now,
    later(name, work) {
      const task = work()
        .catch((error: unknown) => logLine('error', `${name} failed`, { error: String(error) }))
        .finally(() => under.delete(task));
      under.add(task);
    },
    get laterCount() {
      return under.size;
    },
    async settled() {
      while (under.size > 0) await Promise.all(under);
    },
    close() {
      engine.close();
      lock.release();
    },
  };
}

/** What starting a process of our own needs, for those that serve nothing. */
export function launcherOf(
  settings: AgentSettings,
): Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot' | 'now'> {
  return {
    settings,
    stateFolder: makeStateFolder(settings),
    prefix: settings.rootPrefix,
    hasSystemd: settings.rootPrefix === '' && hasSystemdNow(),
    isRoot: process.getuid?.() === 0,
    now: Date.now,
  };
}

/** The state folder, made when it is missing. */
export function makeStateFolder(settings: Pick<AgentSettings, 'stateFolder'>): string {
  // A state folder below a link is allowed once, here: it comes from the settings, not from a request.
  const parent = settings.stateFolder.replace(/\/[^/]+\/?$/, '') || '/';
  makeFolders(realOrSelf(parent), 0o755);
  const stateFolder = `${realOrSelf(parent)}/${settings.stateFolder.split('/').findLast((part) => part !== '') ?? ''}`;
  makeFolders(stateFolder);
  return stateFolder;
}

let writeLog = (line: string): void => void process.stderr.write(line);

/** Sends the service's own log elsewhere. */
export function logTo(write: (line: string) => void): void {
  writeLog = write;
}

/** One line for the service's own log (stderr → journald). Never secrets, never contents. */
export function logLine(level: 'info' | 'error', message: string, facts: Readonly<Record<string, unknown>> = {}): void {
  writeLog(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts })}\n`);
}

/** The same with a priority of syslog that journald understands, for what people have to know: `journalctl -p err`. */
export function journalLine(priority: 3 | 5, message: string, facts: Readonly<Record<string, unknown>>): void {
  const level = priority === 3 ? 'error' : 'info';
  const line = JSON.stringify({ time: new Date().toISOString(), level, message, ...facts });
  writeLog(`${hasSystemdNow() ? `<${priority}>` : ''}${line}\n`);
}

function realOrSelf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export function hasSystemdNow(): boolean {
  try {
    return readFileSync('/proc/1/comm', 'utf8').trim() === 'systemd' && realpathSync('/run/systemd/system') !== '';
  } catch {
    return false;
  }
}

export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** Accounts as the machine's own file lists them. */
export function listAccounts(): Account[] {
  return (readText('/etc/passwd', 16 * 1024 * 1024) ?? '').split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name === undefined || gid === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

export function findGroup(name: string): number | undefined {
  for (const line of (readText('/etc/group', 16 * 1024 * 1024) ?? '').split('\n')) {
    const [group, , gid] = line.split(':');
    if (group === name) return Number(gid);
  }
  return undefined;
}

/** Numbers of the groups that a user is in, by the machine's own file; `gid`: of the account itself. */
export function groupsOf(user: string, gid: number): number[] {
  const others = (readText('/etc/group', 16 * 1024 * 1024) ?? '').split('\n').flatMap((line) => {
    const [, , number, members = ''] = line.split(':');
    return number !== undefined && members.split(',').includes(user) ? [Number(number)] : [];
  });
  return [...new Set([gid, ...others])];
}
