import { statfsSync } from 'node:fs';
import type { TargetPlace, TargetSecret } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { look, makeFolders, putFile, Unsynced } from '../core/files.ts';
import { findProgram } from '../core/run.ts';
import type { BackupWork } from './work.ts';

/*
 * A place in the words of restic: its repository, environment and options. Secrets stand in the environment or in files
 * that only root reads, never in an argument.
 */

export type Access = {
  readonly repository: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly options: readonly string[];
  /** Never shown, whatever a program says. */
  readonly secrets: readonly string[];
};

type Where = Pick<BackupWork, 'folder' | 'prefix'>;

/** Throws `backup_tool_missing` or `backup_target_unreachable`. Makes the folder of a local place. */
export async function accessOf(
  where: Where,
  targetId: string,
  place: TargetPlace,
  secret: TargetSecret,
): Promise<Access> {
  const plain = { environment: {}, options: [], secrets: secret.kind === 'access' ? [secret.secret] : [] };
  if (place.kind === 'local') {
    const path = localPath(where, place.path);
    makeLocal(path);
    return { ...plain, repository: path };
  }
  if (place.kind === 'sftp') {
    const option = await sshCommand(where, targetId, place, secret);
    return { ...plain, repository: `sftp:target:${place.path === '' ? '.' : place.path}`, options: [option] };
  }
  if (place.kind === 's3') {
    const tail = place.path.replace(/^\/+|\/+$/g, '');
    const repository = `s3:${place.endpoint.replace(/\/+$/, '')}/${place.bucket}${tail === '' ? '' : `/${tail}`}`;
    const access = secret.kind === 'access' ? secret : { name: '', secret: '' };
    return {
      ...plain,
      repository,
      environment: {
        AWS_ACCESS_KEY_ID: access.name,
        AWS_SECRET_ACCESS_KEY: access.secret,
        ...(place.region === '' ? {} : { AWS_DEFAULT_REGION: place.region }),
      },
    };
  }
  if (place.kind === 'rest') {
    // User and password in variables of their own exist in newer versions only; the address lies in a file anyway.
    const url = new URL(place.url);
    if (secret.kind === 'access') {
      url.username = encodeURIComponent(secret.name);
      url.password = encodeURIComponent(secret.secret);
    }
    return { ...plain, repository: `rest:${url.href}`, secrets: [...plain.secrets, url.password] };
  }
  if (findProgram('rclone') === undefined) throw toolMissing('rclone');
  return { ...plain, repository: `rclone:${place.remote}:${place.path}` };
}

export const localPath = ({ prefix }: Pick<BackupWork, 'prefix'>, path: string): string => `${prefix}${path}`;

function makeLocal(path: string): void {
  try {
    // What is there already keeps its mode: it may be a mount of somebody's.
    if (look(path).type === 'missing') makeFolders(path);
  } catch (cause) {
    throw unreachable(cause);
  }
}

async function sshCommand(
  { folder }: Where,
  targetId: string,
  place: Extract<TargetPlace, { kind: 'sftp' }>,
  secret: TargetSecret,
): Promise<string> {
  const ssh = findProgram('ssh');
  if (ssh === undefined) throw toolMissing('ssh');
  if (secret.kind !== 'ssh_key') throw unreachable('no private key was given');
  const keyFile = `${folder}/secrets/${targetId}.key`;
  const hostsFile = `${folder}/secrets/${targetId}.hosts`;
  // restic and ssh both take these texts apart at blanks.
  if (!/^[A-Za-z0-9_./-]+$/.test(folder)) throw new Error('the state folder of the agent must have a plain path');
  const name = place.port === 22 ? place.host : `[${place.host}]:${place.port}`;
  const unsynced = new Unsynced();
  makeFolders(`${folder}/secrets`);
  const key = secret.privateKey.endsWith('\n') ? secret.privateKey : `${secret.privateKey}\n`;
  putFile(keyFile, Buffer.from(key), { mode: 0o600 }, 'key', unsynced);
  putFile(hostsFile, Buffer.from(`${name} ${place.hostKey}\n`), { mode: 0o600 }, 'hosts', unsynced);
  await unsynced.flush();
  const settings = {
    BatchMode: 'yes',
    CheckHostIP: 'no',
    ConnectTimeout: '20',
    GlobalKnownHostsFile: '/dev/null',
    IdentitiesOnly: 'yes',
    IdentityFile: keyFile,
    PasswordAuthentication: 'no',
    ServerAliveCountMax: '4',
    ServerAliveInterval: '15',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: hostsFile,
  };
  const options = Object.entries(settings).map(([option, value]) => `-o ${option}=${value}`);
  const command = [ssh, '-F /dev/null', ...options, `-p ${place.port}`, `-l ${place.user}`, place.host, '-s sftp'];
  return `sftp.command=${command.join(' ')}`;
}

export function toolMissing(tool: string): AppError {
  return new AppError('internal', `${tool} is not installed.`, { reason: 'backup_tool_missing', params: { tool } });
}

export function unreachable(cause: unknown): AppError {
  return new AppError('internal', 'The backup target cannot be reached.', {
    reason: 'backup_target_unreachable',
    cause,
  });
}

/** Free bytes of a local place for root; undefined for others. */
export function freeBytesOf(where: Pick<BackupWork, 'prefix'>, place: TargetPlace): number | undefined {
  if (place.kind !== 'local') return undefined;
  try {
    const { bavail, bsize } = statfsSync(localPath(where, place.path));
    return bavail * bsize;
  } catch (cause) {
    throw unreachable(cause);
  }
}
