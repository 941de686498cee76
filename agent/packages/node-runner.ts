import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { nodeStore } from '../apps/apps.paths.ts';
import { majorOf, storedNodes } from '../apps/node-store.ts';
import {
  append,
  closeFile,
  listNames,
  look,
  makeFolders,
  movePath,
  openForAppend,
  readText,
  removeOwnFolder,
  Unsynced,
} from '../core/files.ts';
import { findProgram, run, type RunResult } from '../core/run.ts';
import { putJson, type Step } from './operations.ts';

/*
 * The store of Node for applications: the newest of a line, as Node's own archive checked against its list of checksums, or as
 * packages of the npm that is at hand. Made beside, tried, and moved in whole.
 */

export type NodeRun = {
  readonly prefix: string;
  /** Of the operation. */
  readonly folder: string;
  readonly operationId: string;
  readonly major: number;
  /** Without a slash at its end. */
  readonly mirror: string;
  readonly signal: AbortSignal;
  say(text: string): void;
  progress(percent: number): void;
  /** What stands in where the archive does not come. */
  readonly packages?: (given: NodeRun) => Promise<boolean>;
};

/** Three times the largest archive so far. */
const maxArchiveBytes = 250 * 1024 * 1024;
const processor = process.arch === 'arm64' ? 'arm64' : 'x64';
/** Good for every line that is offered. */
const npmLine = 'npm@11';

export async function runNodeStep(given: NodeRun, step: Step): Promise<number> {
  if (step === 'install') return await install(given);
  if (step === 'remove') return remove(given, ({ version }) => majorOf(version) === given.major);
  if (step === 'uninstall') return await takeBack(given);
  given.say(`Node ${given.major}`);
  return 0;
}

const storeOf = ({ prefix }: Pick<NodeRun, 'prefix'>): string => prefix + nodeStore;
const partOf = (given: NodeRun): string => `${storeOf(given)}/.part-${given.operationId}`;

async function install(given: NodeRun): Promise<number> {
  makeFolders(storeOf(given), 0o755);
  const part = partOf(given);
  // What an interrupted try left.
  if (look(part).type === 'folder') removeOwnFolder(part);
  makeFolders(`${part}/out`, 0o755);
  try {
    const isThere = (await fromArchive(given)) || (await (given.packages ?? fromPackages)(given));
    given.signal.throwIfAborted();
    if (!isThere) {
      given.say('Neither the archive of Node nor an npm could be reached. Nothing was changed.');
      return 1;
    }
    return await moveIn(given);
  } finally {
    if (look(part).type === 'folder') removeOwnFolder(part);
  }
}

/** It must run here before it is anybody's. */
async function moveIn(given: NodeRun): Promise<number> {
  const out = `${partOf(given)}/out`;
  const { stdout, stderr } = await run(`${out}/bin/node`, ['--version'], { timeoutMs: 20_000 });
  const version = /^v(\d+\.\d+\.\d+)$/.exec(stdout.trim())?.[1];
  if (version === undefined || majorOf(version) !== given.major) {
    given.say(`What came does not run here as Node ${given.major}: ${(stdout + stderr).trim().slice(0, 300)}`);
    return 1;
  }
  const place = `${storeOf(given)}/${version}`;
  if (look(place).type !== 'missing') {
    given.say(`Node ${version} is installed already.`);
    return 0;
  }
  await putJson(`${given.folder}/plan.json`, { version });
  const unsynced = new Unsynced();
  movePath(out, place, unsynced);
  await unsynced.flush();
  given.say(`Node ${version} is in ${nodeStore}/${version}.`);
  return 0;
}

async function fromArchive(given: NodeRun): Promise<boolean> {
  const { mirror, major } = given;
  const list = await fetchText(given, `${mirror}/latest-v${major}.x/SHASUMS256.txt`);
  const [, sum, version] =
    new RegExp(`^([0-9a-f]{64})  node-v(${major}\\.\\d+\\.\\d+)-linux-${processor}\\.tar\\.gz$`, 'm').exec(
      list ?? '',
    ) ?? [];
  if (sum === undefined || version === undefined) return false;
  const name = `node-v${version}-linux-${processor}.tar.gz`;
  given.say(`${mirror}/v${version}/${name}`);
  const path = `${partOf(given)}/${name}`;
  const found = await fetchFile(given, `${mirror}/v${version}/${name}`, path);
  if (found === undefined) return false;
  if (found !== sum) {
    given.say('The archive has another checksum than its list says. It is thrown away.');
    return false;
  }
  return await unpack(given, path, `${partOf(given)}/out`);
}

async function fetchText({ signal }: NodeRun, address: string): Promise<string | undefined> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]) });
    return answer.ok ? (await answer.text()).slice(0, 64 * 1024) : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 of what came; undefined when it did not come whole. */
async function fetchFile(given: NodeRun, address: string, path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  const fd = openForAppend(path);
  try {
    const answer = await fetch(address, { signal: AbortSignal.any([given.signal, AbortSignal.timeout(900_000)]) });
    if (!answer.ok || answer.body === null) return undefined;
    const whole = Number(answer.headers.get('content-length') ?? '0');
    let size = 0;
    for await (const chunk of answer.body) {
      const bytes = Buffer.from(chunk as Uint8Array);
      size += bytes.length;
      if (size > maxArchiveBytes) return undefined;
      hash.update(bytes);
      append(fd, bytes);
      if (whole > 0) given.progress((size / whole) * 80);
    }
    return hash.digest('hex');
  } catch {
    return undefined;
  } finally {
    closeFile(fd);
  }
}

async function unpack(given: NodeRun, archive: string, into: string): Promise<boolean> {
  const tar = findProgram('tar');
  if (tar === undefined) return false;
  makeFolders(into, 0o755);
  const args = ['-xzf', archive, '-C', into, '--strip-components=1', '--no-same-owner', '--no-same-permissions'];
  const { code, stderr } = await run(tar, args, { timeoutMs: 300_000, signal: given.signal });
  if (code !== 0) given.say(stderr.trim().slice(0, 500));
  return code === 0;
}

/** The registry that npm is set up for; npm checks what comes against the registry's checksums. */
async function fromPackages(given: NodeRun): Promise<boolean> {
  const part = partOf(given);
  const asked = [`node-linux-${processor}@${given.major}`, npmLine];
  given.say(`npm pack ${asked.join(' ')}`);
  const packed = await npm(given, [
    'pack',
    ...asked,
    '--pack-destination',
    part,
    '--ignore-scripts',
    '--loglevel=error',
    `--cache=${part}/cache`,
  ]);
  if (packed === undefined || packed.code !== 0) {
    given.say(packed === undefined ? 'There is no npm on this machine.' : packed.stderr.trim().slice(-500));
    return false;
  }
  const [binary, tool] = ['node-linux', 'npm'].map((start) =>
    listNames(part).find((name) => name.startsWith(`${start}-`) && name.endsWith('.tgz')),
  );
  if (binary === undefined || tool === undefined) return false;
  given.progress(70);
  const out = `${part}/out`;
  if (!(await unpack(given, `${part}/${binary}`, out))) return false;
  if (!(await unpack(given, `${part}/${tool}`, `${out}/lib/node_modules/npm`))) return false;
  const link = findProgram('ln');
  if (link === undefined) return false;
  for (const name of ['npm', 'npx'])
    await run(link, ['-sf', `../lib/node_modules/npm/bin/${name}-cli.js`, `${out}/bin/${name}`], { timeoutMs: 5_000 });
  given.progress(90);
  return true;
}

async function npm(given: NodeRun, args: readonly string[]): Promise<RunResult | undefined> {
  const own = `${dirname(dirname(process.execPath))}/lib/node_modules/npm/bin/npm-cli.js`;
  const authorities = '/etc/ssl/certs/ca-certificates.crt';
  const options = {
    timeoutMs: 900_000,
    signal: given.signal,
    environment: existsSync(authorities) ? { NODE_EXTRA_CA_CERTS: authorities } : {},
  };
  if (existsSync(own)) return await run(process.execPath, [own, ...args], options);
  const program = findProgram('npm');
  return program === undefined ? undefined : await run(program, args, options);
}

/** All of a line go together: no site needs one of them, or the agent had not asked for it. */
function remove(given: NodeRun, isMeant: (entry: { version: string }) => boolean): number {
  const gone = storedNodes(given.prefix).filter((version) => isMeant({ version }));
  for (const version of gone) removeOwnFolder(`${storeOf(given)}/${version}`);
  given.say(gone.length === 0 ? `Node ${given.major} is not installed.` : `Removed: ${gone.join(' ')}`);
  return 0;
}

async function takeBack(given: NodeRun): Promise<number> {
  const { version } = JSON.parse(readText(`${given.folder}/plan.json`) ?? '{}') as { version?: string };
  const isThere = version !== undefined && storedNodes(given.prefix).includes(version);
  if (isThere) remove(given, (entry) => entry.version === version);
  await putJson(`${given.folder}/removed.json`, isThere ? [`node ${version}`] : []);
  return 0;
}
