import { look, makeFolders, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { refreshArgs } from './apt.ts';
import { fingerprintsIn } from './openpgp.ts';
import { putJson, type Step } from './operations.ts';
import type { Run } from './runner.ts';
import { suryList } from './tools.ts';

/*
 * The packages of PHP by Ondřej Surý as one more source of APT. Its key comes over the network and is trusted for nothing but
 * this source, and only when its fingerprint is the one below: the one in Debian's own list of foreign sources (extrepo-data).
 */

type Source = { readonly address: string; readonly fingerprint: string };

const surySource: Source = {
  address: 'https://packages.sury.org/php',
  fingerprint: '15058500A0235D97F5D10063B188E2B695BD4743',
};

/** Releases of Debian that there are packages for. */
const releases = ['bookworm', 'trixie'];
const keyPath = '/etc/apt/keyrings/aapanel-sury.gpg';
const mostKeyBytes = 64 * 1024;

/** `of`: another source and key, for tests. */
export async function runSuryStep(run: Run, step: Step, of: Source = surySource): Promise<number> {
  if (step === 'install') return await install(run, of);
  if (step === 'remove') return await remove(run);
  if (step === 'uninstall') return await takeBack(run);
  return 0;
}

/** The release that the source is asked for; undefined: there is nothing for this system. */
export function releaseForSury(prefix: string): string | undefined {
  const text = readText(`${prefix}/usr/lib/os-release`) ?? '';
  const release = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(text)?.[1];
  return /^ID=debian$/m.test(text) && release !== undefined && releases.includes(release) ? release : undefined;
}

async function install(run: Run, { address, fingerprint }: Source): Promise<number> {
  const release = releaseForSury(run.prefix);
  if (release === undefined) {
    run.say(`This source serves Debian (${releases.join(', ')}) only. Nothing was changed.`);
    return 1;
  }
  if (look(run.prefix + suryList).type !== 'missing' && readText(`${run.folder}/plan.json`) === undefined) {
    run.say('The source is there already.');
    return 0;
  }
  run.say(`${address}/apt.gpg`);
  const key = await fetchKey(run, `${address}/apt.gpg`);
  if (key === undefined) return 1;
  const found = fingerprintsOf(key);
  if (found.length !== 1 || found[0] !== fingerprint) {
    run.say(
      `It is not the key that is known: ${found.join(' ') || 'no key'} in place of ${fingerprint}. Nothing was changed.`,
    );
    return 1;
  }
  await putJson(`${run.folder}/plan.json`, { name: 'sury', packages: [] });
  const unsynced = new Unsynced();
  for (const [path, bytes] of [
    [keyPath, key],
    [suryList, Buffer.from(listText(address, release, run.prefix + keyPath))],
  ] as const) {
    makeFolders(run.prefix + path.slice(0, path.lastIndexOf('/')), 0o755);
    putFile(run.prefix + path, bytes, { mode: 0o644 }, 'sury', unsynced);
  }
  await unsynced.flush();
  run.say(suryList);
  // This source alone; an answer that is not signed by the key is an error here and not a warning.
  const only = ['-o', `Dir::Etc::SourceList=${run.prefix}${suryList}`, '-o', 'Dir::Etc::SourceParts=/dev/null'];
  const strict = ['-o', 'APT::Get::List-Cleanup=0', '-o', 'APT::Update::Error-Mode=any'];
  const code = await run.exec(run.apt, [...only, ...strict, ...refreshArgs], true, ({ percent }) => percent);
  if (code === 0) return 0;
  run.say('The source does not answer as it should. It is taken away again.');
  await takeAway(run.prefix);
  return code;
}

function listText(address: string, release: string, key: string): string {
  return [
    '# Of aaPanel: versions of PHP by Ondřej Surý. The page Software takes it away.',
    'Types: deb',
    `URIs: ${address}`,
    `Suites: ${release}`,
    'Components: main',
    `Signed-By: ${key}`,
    '',
  ].join('\n');
}

async function fetchKey(run: Run, address: string): Promise<Buffer | undefined> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok || answer.body === null) throw new Error(`the answer is ${answer.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of answer.body) {
      size += part.length;
      if (size > mostKeyBytes) throw new Error('it is too large for a key');
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    run.say(
      `The key cannot be fetched: ${cause instanceof Error ? cause.message : String(cause)}. Nothing was changed.`,
    );
    return undefined;
  }
}

function fingerprintsOf(key: Buffer): string[] {
  try {
    return fingerprintsIn(key);
  } catch {
    return [];
  }
}

/** What was installed from it stays, and gets no updates any more. */
async function remove(run: Run): Promise<number> {
  if (look(run.prefix + suryList).type === 'missing') {
    run.say('The source is not there.');
    return 0;
  }
  await takeAway(run.prefix);
  run.say(`Removed: ${suryList}`);
  // Otherwise its packages would go on being offered; without the network that ends with the next lists that are read.
  await run.exec(run.apt, refreshArgs, true, ({ percent }) => percent);
  return 0;
}

async function takeBack(run: Run): Promise<number> {
  const isOurs = readText(`${run.folder}/plan.json`) !== undefined && look(run.prefix + suryList).type === 'file';
  if (isOurs) await takeAway(run.prefix);
  await putJson(`${run.folder}/removed.json`, isOurs ? ['packages.sury.org'] : []);
  return 0;
}

async function takeAway(prefix: string): Promise<void> {
  const unsynced = new Unsynced();
  // The list first: without its key it would be an error of every update.
  for (const path of [suryList, keyPath]) if (look(prefix + path).type === 'file') removeFile(prefix + path, unsynced);
  await unsynced.flush();
}
