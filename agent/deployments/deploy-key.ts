import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { DeployKey } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import { look, makeFolders, readText, removeFile, replaceFile, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';

/*
 * One key per site, made here. The private part lies in the agent's own folder and is only ever handed to an ssh-agent, by
 * a pipe: no program of the site's user can read it.
 */

type Where = Pick<Machine, 'stateFolder'>;

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/deploy-keys`;
export const privateKeyPath = (where: Where, siteId: string): string => `${folderOf(where)}/${siteId}`;
const publicKeyPath = (where: Where, siteId: string): string => `${privateKeyPath(where, siteId)}.pub`;

export function findKey(where: Where, siteId: string): DeployKey | null {
  const publicKey = readText(publicKeyPath(where, siteId))?.trim();
  if (publicKey === undefined || look(privateKeyPath(where, siteId)).type !== 'file') return null;
  const madeAt = statSync(publicKeyPath(where, siteId)).mtime.toISOString();
  return { publicKey, fingerprint: fingerprintOf(publicKey), madeAt };
}

/** As ssh prints it: `SHA256:…`, of a public key `ssh-ed25519 AAAA…`. */
export function fingerprintOf(publicKey: string): string {
  const [, blob = ''] = publicKey.split(' ');
  const sum = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return `SHA256:${sum.replace(/=+$/, '')}`;
}

/** Makes the key, or another one in its place. `name`: what it is called in the settings of the repository. */
export async function makeKey(where: Where, siteId: string, name: string, isReplacing: boolean): Promise<DeployKey> {
  const present = findKey(where, siteId);
  if (present !== null && !isReplacing) return present;
  const keygen = findProgram('ssh-keygen');
  if (keygen === undefined) throw toolMissing('ssh');
  makeFolders(folderOf(where));
  const made = `${folderOf(where)}/.${siteId}.new`;
  for (const path of [made, `${made}.pub`]) removeFile(path);
  const args = ['-q', '-t', 'ed25519', '-N', '', '-C', `aapanel-${name}`, '-f', made];
  const { code, stderr } = await run(keygen, args, { timeoutMs: 8_000 });
  if (code !== 0) throw new Error(`ssh-keygen: ${stderr.trim().slice(0, 300)}`);
  const unsynced = new Unsynced();
  // The private part first: a public one that nobody can use never stands there alone.
  replaceFile(made, privateKeyPath(where, siteId), unsynced);
  replaceFile(`${made}.pub`, publicKeyPath(where, siteId), unsynced);
  await unsynced.flush();
  const key = findKey(where, siteId);
  if (key === null) throw new Error('the deploy key was made and is missing');
  return key;
}

export function removeKey(where: Where, siteId: string): void {
  for (const path of [publicKeyPath(where, siteId), privateKeyPath(where, siteId)]) removeFile(path);
}

export function toolMissing(tool: 'git' | 'ssh'): AppError {
  return new AppError('in_use', `${tool} is not installed on this machine.`, {
    reason: 'deploy_tool_missing',
    params: { tool },
  });
}
