import { statSync } from 'node:fs';
import type { DeployKey } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import { look, readText, removeFile } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { fingerprintOf, makeKeyPair } from '../core/ssh-keys.ts';

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

/** Makes the key, or another one in its place. `name`: what it is called in the settings of the repository. */
export async function makeKey(where: Where, siteId: string, name: string, isReplacing: boolean): Promise<DeployKey> {
  const present = findKey(where, siteId);
  if (present !== null && !isReplacing) return present;
  const keygen = findProgram('ssh-keygen');
  if (keygen === undefined) throw toolMissing('ssh');
  await makeKeyPair(keygen, privateKeyPath(where, siteId), `aapanel-${name}`);
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
