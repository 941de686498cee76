// The keys with which Ubuntu signs its archive: Debian 12 has no package with them.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './host.ts';

const file = 'pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb';
const sha256 = '36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8';

/** Path of the keyring, fetched into `folder` when it is not there; what is not the known file is refused. */
export async function ubuntuKeyring(folder: string, archive: string): Promise<string> {
  const target = join(folder, `ubuntu-keyring-${sha256.slice(0, 12)}`);
  const keyring = join(target, 'usr/share/keyrings/ubuntu-archive-keyring.gpg');
  if (existsSync(keyring)) return keyring;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const answer = await fetch(`${archive}/${file}`, { signal: AbortSignal.timeout(60_000) });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${archive}/${file} is not the file that is known: ${answer.status} ${found}`);
  const part = `${target}.part-${process.pid}`;
  await writeFile(`${part}.deb`, bytes);
  await must('dpkg-deb', ['-x', `${part}.deb`, part]);
  await rename(part, target);
  await rm(`${part}.deb`);
  return keyring;
}
