import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storedNodes } from '../apps/node-store.ts';
import { runNodeStep, type NodeRun } from './node-runner.ts';

const processor = process.arch === 'arm64' ? 'arm64' : 'x64';
const version = '22.99.1';
const archive = `node-v${version}-linux-${processor}.tar.gz`;
const files = new Map<string, Buffer>();
let server: Server;
let mirror = '';
let home: string;
let said: string[];

/** As Node's own: one folder in it, with a program that says its version. */
function makeArchive(says: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-node-'));
  const inside = join(folder, `node-v${version}`, 'bin');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'node'), `#!/bin/sh\necho ${says}\n`);
  chmodSync(join(inside, 'node'), 0o755);
  execFileSync('tar', ['-czf', join(folder, 'a.tar.gz'), '-C', folder, `node-v${version}`]);
  const bytes = readFileSync(join(folder, 'a.tar.gz'));
  rmSync(folder, { recursive: true });
  return bytes;
}

function offer(bytes: Buffer, sum = createHash('sha256').update(bytes).digest('hex')): void {
  files.set(
    '/latest-v22.x/SHASUMS256.txt',
    Buffer.from(`${'0'.repeat(64)}  node-v${version}.tar.gz\n${sum}  ${archive}\n`),
  );
  files.set(`/v${version}/${archive}`, bytes);
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const bytes = files.get(request.url ?? '');
    response.statusCode = bytes === undefined ? 404 : 200;
    response.end(bytes);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  mirror = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aapanel-store-'));
  mkdirSync(`${home}/operation`);
  said = [];
  files.clear();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A tree where no npm of this machine is asked: what the archive does not bring does not come. */
const given = (more: Partial<NodeRun> = {}): NodeRun => ({
  prefix: home,
  folder: `${home}/operation`,
  operationId: 'aaaaaaaaaaaaaaaa',
  major: 22,
  mirror,
  signal: new AbortController().signal,
  say: (text) => void said.push(text),
  progress: () => undefined,
  packages: () => Promise.resolve(false),
  ...more,
});
const store = (): string[] => (existsSync(`${home}/www/runtimes/node`) ? readdirSync(`${home}/www/runtimes/node`) : []);

describe('the store of Node', () => {
  it('the newest of a line is brought, checked, tried and moved in whole; again is no change, and it goes again', async () => {
    offer(makeArchive(`v${version}`));
    expect(await runNodeStep(given(), 'install')).toBe(0);
    expect(store()).toEqual([version]);
    expect(storedNodes(home)).toEqual([version]);
    const program = lstatSync(`${home}/www/runtimes/node/${version}/bin/node`);
    expect(program.mode & 0o777).toBe(0o755);
    expect(program.uid).toBe(process.getuid?.() ?? 0);
    expect(await runNodeStep(given(), 'install')).toBe(0);
    expect(said.at(-1)).toContain('installed already');
    expect(await runNodeStep(given({ major: 24 }), 'remove')).toBe(0);
    expect(store()).toEqual([version]);
    expect(await runNodeStep(given(), 'remove')).toBe(0);
    expect(store()).toEqual([]);
  });

  it('an operation that is taken back removes what it brought, and nothing else', async () => {
    offer(makeArchive(`v${version}`));
    expect(await runNodeStep(given(), 'install')).toBe(0);
    mkdirSync(`${home}/www/runtimes/node/22.1.0/bin`, { recursive: true });
    writeFileSync(`${home}/www/runtimes/node/22.1.0/bin/node`, '', { mode: 0o755 });
    expect(await runNodeStep(given(), 'uninstall')).toBe(0);
    expect(store()).toEqual(['22.1.0']);
    expect(readFileSync(`${home}/operation/removed.json`, 'utf8')).toContain(version);
  });

  it.each([
    ['another checksum than the list says', () => offer(makeArchive(`v${version}`), 'a'.repeat(64))],
    ['another version than it is called', () => offer(makeArchive('v21.0.0'))],
    ['what is no archive', () => offer(Buffer.from('<html>not found</html>'))],
    ['nothing at all', () => undefined],
  ])('%s: nothing is left, and the log says so', async (_, prepare) => {
    prepare();
    expect(await runNodeStep(given(), 'install')).toBe(1);
    expect(store()).toEqual([]);
    expect(said.join('\n')).not.toBe('');
  });

  it('a cancelled download leaves nothing', async () => {
    offer(makeArchive(`v${version}`));
    const stopped = new AbortController();
    stopped.abort();
    await expect(runNodeStep(given({ signal: stopped.signal }), 'install')).rejects.toThrow();
    expect(store()).toEqual([]);
  });
});
