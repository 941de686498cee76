import { createServer, type Server, type Socket } from 'node:net';
import { idPattern } from '#shared/http.ts';
import { selfProcess } from '../core/alive.ts';
import { apart, withoutNewRights } from '../core/apart.ts';
import { groupsOf, launcherOf, logLine, type AgentSettings } from '../core/machine.ts';
import { listenForControl, type ControlState } from './control.ts';
import { startRecorder } from './recorder.ts';
import { recordingPath } from './recordings.ts';
import { endTree, ownControlGroup, terminalVariable } from './process-tree.ts';
import { startShell, type Shell } from './shell.ts';
import type { SshTarget } from './ssh-hosts.ts';
import type { SshSession } from './ssh-session.ts';
import {
  controlPath,
  forgetTerminal,
  noteHost,
  readFacts,
  socketPath,
  unitOf,
  type TerminalFacts,
} from './terminal-records.ts';
import { keepEnd } from './terminal-ends.ts';
import { createTerminalServer } from './terminal-server.ts';

/*
 * The process of one terminal: `main.ts --terminal ID`. It is root's, so that the user of the shell can neither read nor
 * end it, and takes bytes and sizes only. Panel and agent may end and start again meanwhile.
 */

type Where = ReturnType<typeof launcherOf>;

/** A terminal that nobody looked at for so long is closed. */
export const idleMs = 12 * 60 * 60_000;
/** The last words of a shell can be read for so long. */
const readableMs = 10 * 60_000;
const lookMs = 60_000;

export async function runTerminalHost(settings: AgentSettings, [terminalId = '']: readonly string[]): Promise<void> {
  const where = launcherOf(settings);
  const facts = idPattern.test(terminalId) ? readFacts(where, terminalId) : undefined;
  if (facts === undefined) throw new Error('there is no such terminal');
  const unit = unitOf(terminalId);
  const controlGroup = where.hasSystemd ? ownControlGroup(unit) : undefined;
  const ending = Promise.withResolvers<string>();
  let endedAt: number | null = null;
  let isTold = false;
  /** For the audit log; a full disk must not keep the terminal from ending. */
  const tell = async (end: Parameters<typeof keepEnd>[2]): Promise<void> => {
    if (isTold) return;
    isTold = true;
    await keepEnd(where, facts, end).catch((error: unknown) =>
      logLine('error', 'the end of a terminal cannot be kept', { terminalId, error: String(error) }),
    );
  };

  const recorder = facts.isRecorded === true ? startRecorder(recordingPath(where, terminalId), facts) : undefined;

  const ssh = facts.ssh === undefined ? undefined : await openSession(where, facts, facts.ssh);
  const server = createTerminalServer({
    held: () => shell,
    keyHash: facts.keyHash,
    onResize: (size) => recorder?.resize(size),
    onSeenToTheEnd: () => ending.resolve('ended'),
  });
  const shell: Shell = startOwn(facts, ssh?.args, {
    output(chunk) {
      recorder?.output(chunk);
      server.output(chunk);
    },
    end(exit) {
      endedAt = Date.now();
      void tell({ endedAt, why: 'ended', exitCode: exit.code });
      recorder?.close();
      server.end(exit);
      void ssh?.close();
    },
  });
  const control = {
    state: (): ControlState => ({ isAttached: server.isAttached, hasEnded: server.hasEnded }),
    addKey: (hash: string) => server.addKey(hash),
    async close() {
      const isGone = await endTree({ terminalId, session: shell.pid, controlGroup });
      setTimeout(() => ending.resolve('closed'), 20);
      return isGone;
    },
  };
  const listening = [
    // The group of the folder, which is the web process's.
    listen(socketPath(where, terminalId), 0o117, (socket) => server.accept(socket)),
    listen(controlPath(where, terminalId), 0o177, (socket) => listenForControl(socket, control)),
  ];
  process.umask(0o022);
  noteHost(where, terminalId, selfProcess());
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.resolve('told to'));
  const looking = setInterval(() => {
    const { leftAt } = server;
    if (leftAt !== null && Date.now() - leftAt > idleMs) ending.resolve('idle');
    if (endedAt !== null && Date.now() - endedAt > readableMs) ending.resolve('ended');
  }, lookMs);
  logLine('info', 'a terminal begins', { terminalId, user: facts.user });
  const why = await ending.promise;
  clearInterval(looking);
  for (const each of listening) each.close();
  server.close();
  await endTree({ terminalId, session: shell.pid, controlGroup });
  recorder?.close();
  await ssh?.close();
  await tell({ endedAt: Date.now(), why: why === 'idle' ? 'idle' : 'closed', exitCode: null });
  forgetTerminal(where, terminalId);
  logLine('info', 'a terminal ends', { terminalId, why });
  process.exit();
}

/** The kernel gives the socket this mode before anybody can connect. */
function listen(path: string, mask: number, onSocket: (socket: Socket) => void): Server {
  const before = process.umask(mask);
  try {
    return createServer(onSocket).listen(path);
  } finally {
    process.umask(before);
  }
}

/** Loaded by terminals on saved hosts alone. */
async function openSession(where: Where, facts: TerminalFacts, target: SshTarget): Promise<SshSession> {
  const { openSshSession } = await import('./ssh-session.ts');
  return await openSshSession(where, facts, target);
}

/** `sshArgs`: of ssh, which takes the place of the shell. */
function startOwn(
  facts: TerminalFacts,
  sshArgs: readonly string[] | undefined,
  on: Parameters<typeof startShell>[1],
): Shell {
  const { owner, user, home, cwd, shellPath, cols, rows, kind, terminalId, folders = [] } = facts;
  // Before the shell begins, which takes them over: root's own groups are nothing for a site.
  if (owner !== null) process.setgroups?.(groupsOf(user, owner.gid));
  const isOfSite = kind === 'site';
  const before = isOfSite ? [...withoutNewRights(), ...apart()] : [];
  // A login shell would set PATH anew (/etc/profile).
  const [program = '', ...args] = [...before, shellPath, ...(sshArgs ?? [folders.length > 0 ? '-i' : '-l'])];
  return startShell(
    {
      program,
      args,
      cwd,
      cols,
      rows,
      ...owner,
      environment: {
        TERM: 'xterm-256color',
        COLORTERM: 'truecolor',
        LANG: 'C.UTF-8',
        PATH: [...folders, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
        HOME: home,
        ...(sshArgs === undefined ? { USER: user, LOGNAME: user, SHELL: shellPath } : {}),
        [terminalVariable]: terminalId,
        // A site's home is its folder, where a history would be one more file that somebody might be served.
        ...(isOfSite ? { HISTFILE: '' } : {}),
      },
    },
    on,
  );
}
