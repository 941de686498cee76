import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestKey, type TestKey } from '../testing/openpgp.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { availablePhp } from './apt.ts';
import { fingerprintsIn } from './openpgp.ts';
import { readPlanOf } from './plan.ts';
import type { Run } from './runner.ts';
import { releaseForSury, runSuryStep } from './sury.ts';
import { suryList } from './tools.ts';

const hasApt = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/gpgv');
const architecture = hasApt ? spawnSync('dpkg', ['--print-architecture']).stdout.toString().trim() : '';

let world: World;
let server: Server;
let files: Map<string, string | Buffer>;
let address: string;
let said: string[];
beforeEach(async () => {
  world = await makeWorld();
  files = new Map();
  said = [];
  server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(world.path('/usr/lib'), { recursive: true });
  writeFileSync(world.path('/usr/lib/os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n');
});
afterEach(() => {
  server.close();
  world.destroy();
});

/** The APT of this machine, with everything of its own below the world. */
function bringApt(): void {
  for (const folder of [
    'etc/apt',
    'usr/bin',
    'var/lib/dpkg',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
  ])
    mkdirSync(join(world.prefix, folder), { recursive: true });
  writeFileSync(world.path('/var/lib/dpkg/status'), '');
  for (const name of ['apt-get', 'apt-cache']) {
    const own = `-o Dir="${world.prefix}" -o Dir::State::status="${world.prefix}/var/lib/dpkg/status" -o APT::Sandbox::User=root`;
    writeFileSync(world.path(`/usr/bin/${name}`), `#!/bin/sh\nexec /usr/bin/${name} ${own} "$@"\n`);
    chmodSync(world.path(`/usr/bin/${name}`), 0o755);
  }
}

/** A source as there are many, with one version of PHP. */
function publish(key: Buffer, signer: TestKey): void {
  const packages = `Package: php8.4-fpm\nVersion: 8.4.1\nArchitecture: ${architecture}\nMaintainer: x <x@example.com>\nDescription: FPM\nFilename: pool/php.deb\nSize: 1\nSHA256: ${'0'.repeat(64)}\n`;
  const place = `main/binary-${architecture}/Packages`;
  const sum = createHash('sha256').update(packages).digest('hex');
  const release = [
    'Codename: bookworm',
    'Suite: bookworm',
    `Date: ${new Date().toUTCString()}`,
    `Architectures: ${architecture}`,
    'Components: main',
    'SHA256:',
    ` ${sum} ${packages.length} ${place}`,
    '',
  ].join('\n');
  files.set('/apt.gpg', key);
  files.set('/dists/bookworm/Release', release);
  files.set('/dists/bookworm/Release.gpg', signer.sign(Buffer.from(release)));
  files.set(`/dists/bookworm/${place}`, packages);
}

function runOf(): Run {
  mkdirSync(join(world.folder, 'operation'), { recursive: true });
  return {
    prefix: world.prefix,
    stateFolder: world.settings.stateFolder,
    folder: join(world.folder, 'operation'),
    apt: world.path('/usr/bin/apt-get'),
    attempt: 1,
    logFd: -1,
    say: (text) => void said.push(text),
    exec: (program, args) =>
      new Promise((resolve) => {
        const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe', 'ignore'] });
        for (const stream of [child.stdout, child.stderr])
          stream?.setEncoding('utf8').on('data', (text: string) => said.push(text));
        child.on('close', (code) => resolve(code ?? 1));
      }),
  };
}

const written = (): string[] =>
  [suryList, '/etc/apt/keyrings/aapanel-sury.gpg'].filter((path) => existsSync(world.path(path)));

it('the fingerprint that is asked for is that of the key in the list of Debian', () => {
  const keyring = readFileSync(join(import.meta.dirname, 'testdata', 'sury.gpg'));
  expect(fingerprintsIn(keyring)).toEqual(['15058500A0235D97F5D10063B188E2B695BD4743']);
  const twice = Buffer.concat([makeTestKey('another').keyring, keyring]);
  expect(fingerprintsIn(twice)).toHaveLength(2);
  for (const broken of [Buffer.from('<html>'), keyring.subarray(0, 100), Buffer.from([0x99, 0xff, 0xff, 6])])
    expect(() => fingerprintsIn(broken)).toThrow(RangeError);
});

describe.runIf(hasApt)('the source of PHP', () => {
  it('is there once APT has read lists that its key signed, offers its versions, and goes without a trace', async () => {
    bringApt();
    const key = makeTestKey('Automatic Signing Key');
    publish(key.keyring, key);
    const of = { address, fingerprint: key.fingerprint };
    expect(await runSuryStep(runOf(), 'install', of), said.join('\n')).toBe(0);
    expect(written()).toHaveLength(2);
    expect(await availablePhp(world.prefix)).toEqual(['8.4']);
    expect(await readPlanOf({ prefix: world.prefix }, 'sury')).toMatchObject({ kind: 'nothing', source: 'sury' });
    expect(await runSuryStep(runOf(), 'remove', of), said.join('\n')).toBe(0);
    expect(written()).toEqual([]);
    expect(await availablePhp(world.prefix)).toEqual([]);
  });

  it('with another key than the known one is refused before anything is written', async () => {
    bringApt();
    const [known, other] = [makeTestKey('known'), makeTestKey('other')];
    for (const keyring of [other.keyring, Buffer.concat([known.keyring, other.keyring]), Buffer.from('no key')]) {
      publish(keyring, other);
      expect(await runSuryStep(runOf(), 'install', { address, fingerprint: known.fingerprint })).toBe(1);
      expect(said.join('\n')).toContain('It is not the key that is known');
      expect(written()).toEqual([]);
    }
    expect(readdirSync(join(world.folder, 'operation'))).toEqual([]);
  });

  it('whose lists somebody else signed is taken away again', async () => {
    bringApt();
    const [known, other] = [makeTestKey('known'), makeTestKey('other')];
    publish(known.keyring, other);
    expect(await runSuryStep(runOf(), 'install', { address, fingerprint: known.fingerprint })).not.toBe(0);
    expect(said.join('\n')).toMatch(/NO_PUBKEY|not signed|public key/i);
    expect(written()).toEqual([]);
  });

  it('is taken back by a job that failed later, and by none that found it there', async () => {
    bringApt();
    const key = makeTestKey('key');
    publish(key.keyring, key);
    const of = { address, fingerprint: key.fingerprint };
    await runSuryStep(runOf(), 'install', of);
    const other = { ...runOf(), folder: join(world.folder, 'later') };
    mkdirSync(other.folder);
    expect(await runSuryStep(other, 'install', of)).toBe(0);
    expect(await runSuryStep(other, 'uninstall', of)).toBe(0);
    expect(written()).toHaveLength(2);
    expect(await runSuryStep(runOf(), 'uninstall', of)).toBe(0);
    expect(written()).toEqual([]);
  });
});

it('an address that does not answer, and a system that it has nothing for, are told in words', async () => {
  const of = { address, fingerprint: 'A'.repeat(40) };
  expect(await runSuryStep(runOf(), 'install', of)).toBe(1);
  expect(said.join('\n')).toContain('The key cannot be fetched: the answer is 404');
  files.set('/apt.gpg', Buffer.alloc(70_000));
  expect(await runSuryStep(runOf(), 'install', of)).toBe(1);
  expect(said.join('\n')).toContain('too large for a key');
  writeFileSync(world.path('/usr/lib/os-release'), 'ID=ubuntu\nVERSION_CODENAME=noble\n');
  expect(releaseForSury(world.prefix)).toBeUndefined();
  expect(await runSuryStep(runOf(), 'install', of)).toBe(1);
  expect(said.at(-1)).toContain('serves Debian');
  await expect(readPlanOf({ prefix: world.prefix }, 'sury')).rejects.toMatchObject({ reason: 'sury_debian_only' });
  expect(written()).toEqual([]);
});
