import { look, makeFolder, makeFolders, putFile, removeOwnFolder, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { startKeyHolder } from '../core/ssh-keys.ts';
import { hostKeyPath, type SshTarget } from './ssh-hosts.ts';
import { sshFolder, type TerminalFacts } from './terminal-records.ts';

/*
 * What a terminal on a saved host has beside its ssh, which is nobody's but an account of its own: the server's keys in a file
 * that only root writes, and an ssh-agent that holds the private part of the key.
 */

export type SshSession = { readonly args: readonly string[]; close(): Promise<void> };

export async function openSshSession(
  where: Pick<Machine, 'prefix' | 'stateFolder'>,
  { terminalId, owner }: Pick<TerminalFacts, 'terminalId' | 'owner'>,
  target: SshTarget,
): Promise<SshSession> {
  const folder = sshFolder(where, terminalId);
  makeFolders(folder.slice(0, folder.lastIndexOf('/')), 0o711);
  if (look(folder).type !== 'missing') removeOwnFolder(folder);
  makeFolder(folder, { mode: 0o711 });
  const unsynced = new Unsynced();
  const known = target.hostKeys.map((hostKey) => `${target.alias} ${hostKey}\n`).join('');
  putFile(`${folder}/hosts`, Buffer.from(known), { mode: 0o644 }, 'new', unsynced);
  unsynced.drop();
  const socket = `${folder}/s/agent`;
  if (target.isByKey) makeFolder(`${folder}/s`, { mode: 0o700, ...owner });
  let holder = target.isByKey
    ? await startKeyHolder({
        programs: { agent: need('ssh-agent'), add: need('ssh-add'), setpriv: need('setpriv') },
        socket,
        keyPath: hostKeyPath(where, target.hostId),
        owner: owner ?? {},
      })
    : undefined;
  return {
    args: sshArgs(target, { hosts: `${folder}/hosts`, socket: target.isByKey ? socket : 'none' }),
    async close() {
      const ending = holder;
      // Once: its number may be somebody else's later.
      holder = undefined;
      await ending?.close();
      if (look(folder).type !== 'missing') removeOwnFolder(folder);
    },
  };
}

/**
 * Nothing of the machine's or of an account's own configuration, nothing forwarded, no way from the session to a command here
 * (`~C`, LocalCommand), and no server but the one whose keys are in `hosts`.
 */
export function sshArgs(
  { address, port, login, isByKey, alias }: SshTarget,
  { hosts, socket }: { readonly hosts: string; readonly socket: string },
): string[] {
  const options: Readonly<Record<string, string>> = {
    AddKeysToAgent: 'no',
    CanonicalizeHostname: 'no',
    CheckHostIP: 'no',
    ClearAllForwardings: 'yes',
    ConnectTimeout: '20',
    ControlMaster: 'no',
    ControlPath: 'none',
    EscapeChar: 'none',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    GlobalKnownHostsFile: '/dev/null',
    HostKeyAlias: alias,
    IdentityAgent: socket,
    IdentityFile: 'none',
    NumberOfPasswordPrompts: '3',
    PermitLocalCommand: 'no',
    // A second factor beside the key is asked for in the terminal.
    PreferredAuthentications: isByKey ? 'publickey,keyboard-interactive' : 'keyboard-interactive,password',
    ProxyCommand: 'none',
    PubkeyAuthentication: isByKey ? 'yes' : 'no',
    RequestTTY: 'yes',
    ServerAliveCountMax: '4',
    ServerAliveInterval: '15',
    StrictHostKeyChecking: 'yes',
    Tunnel: 'no',
    UpdateHostKeys: 'no',
    UserKnownHostsFile: hosts,
    VerifyHostKeyDNS: 'no',
  };
  const said = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['-F', '/dev/null', ...said, '-p', String(port), '-l', login, '--', address];
}

function need(name: string): string {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is missing`);
  return program;
}
