import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ScannedHost } from '#shared/deployments.ts';
import { sshHostKey } from '#shared/site-deploy.ts';
import { closeFile, makeFolders, openFile, removeFile, replaceFile, Unsynced } from './files.ts';
import { run, startProgram, type Program } from './run.ts';

/*
 * Key pairs that the panel makes, what servers show of theirs, and the ssh-agent by which a private part is used and never
 * read: it goes there by a pipe.
 */

/** As ssh prints it: `SHA256:…`, of a public key `ssh-ed25519 AAAA…`. */
export function fingerprintOf(publicKey: string): string {
  const [, blob = ''] = publicKey.split(' ');
  const sum = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return `SHA256:${sum.replace(/=+$/, '')}`;
}

/** Makes an ed25519 pair at `path` (0600) and `path.pub`, in place of one that is there. */
export async function makeKeyPair(keygen: string, path: string, comment: string): Promise<void> {
  const slash = path.lastIndexOf('/');
  makeFolders(path.slice(0, slash));
  const made = `${path.slice(0, slash)}/.${path.slice(slash + 1)}.new`;
  for (const each of [made, `${made}.pub`]) removeFile(each);
  const args = ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', made];
  const { code, stderr } = await run(keygen, args, { timeoutMs: 8_000 });
  if (code !== 0) throw new Error(`ssh-keygen: ${stderr.trim().slice(0, 300)}`);
  const unsynced = new Unsynced();
  // The private part first: a public one that nobody can use never stands there alone.
  replaceFile(made, path, unsynced);
  replaceFile(`${made}.pub`, `${path}.pub`, unsynced);
  await unsynced.flush();
}

export type KeyAlgorithm = 'ed25519' | 'ecdsa' | 'rsa';
const rank = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];

/** The public keys that a server shows, the best kind first; none when it does not answer. Nothing is trusted by this. */
export async function scanHostKeys(
  keyscan: string,
  { host, port }: { readonly host: string; readonly port: number },
  algorithms: readonly KeyAlgorithm[] = ['ed25519', 'ecdsa', 'rsa'],
): Promise<ScannedHost[]> {
  const args = ['-T', '8', '-p', String(port), '-t', algorithms.join(','), '--', host];
  const { stdout } = await run(keyscan, args, { timeoutMs: 15_000 });
  const found = stdout.split('\n').flatMap((line): ScannedHost[] => {
    const hostKey = line.split(' ').slice(1, 3).join(' ');
    if (line.startsWith('#') || !sshHostKey.safeParse(hostKey).success) return [];
    return [{ hostKey, kind: hostKey.slice(0, hostKey.indexOf(' ')), fingerprint: fingerprintOf(hostKey) }];
  });
  return found.sort((one, other) => rank.indexOf(one.kind) - rank.indexOf(other.kind)).slice(0, 5);
}

type HolderParts = {
  readonly programs: { readonly agent: string; readonly add: string; readonly setpriv: string };
  /** Lies in a folder that only the owner enters. */
  readonly socket: string;
  readonly keyPath: string;
  /** Empty: as whoever we are. */
  readonly owner: { readonly uid?: number; readonly gid?: number };
};

export type KeyHolder = { close(): Promise<void> };

/** An ssh-agent of the owner's that holds one key and gives nobody its private part. */
export async function startKeyHolder({ programs, socket, keyPath, owner }: HolderParts): Promise<KeyHolder> {
  let holder: Program | undefined;
  const close = async (): Promise<void> => {
    holder?.kill();
    await holder?.ended.catch(() => undefined);
  };
  try {
    holder = startProgram(programs.setpriv, ['--no-new-privs', programs.agent, '-D', '-a', socket], {
      ...owner,
      diesWithUs: true,
    });
    holder.stdout.resume();
    await untilItListens(socket);
    await giveKey(programs.add, socket, keyPath);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

/** The file of a socket is there a moment before anybody listens. */
async function untilItListens(socket: string): Promise<void> {
  const endsAt = Date.now() + 5_000;
  while (!(await isListening(socket))) {
    if (Date.now() > endsAt) throw new Error('ssh-agent did not start');
    await wait(5);
  }
}

function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const link = connect(socket);
    link.once('connect', () => {
      link.destroy();
      resolve(true);
    });
    link.once('error', () => resolve(false));
  });
}

/** By its standard input: neither an argument nor a file that the owner of the agent could read. */
async function giveKey(add: string, socket: string, keyPath: string): Promise<void> {
  const file = openFile(keyPath);
  if (file === undefined) throw new Error('the key is missing');
  try {
    const { ended, stdout } = startProgram(add, ['-q', '-'], {
      stdin: file.fd,
      environment: { SSH_AUTH_SOCK: socket },
      timeoutMs: 5_000,
      diesWithUs: true,
    });
    stdout.resume();
    const { code, stderr } = await ended;
    if (code !== 0) throw new Error(`ssh-add: ${stderr.trim().slice(0, 300)}`);
  } finally {
    closeFile(file.fd);
  }
}
