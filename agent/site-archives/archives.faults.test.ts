import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uploadChunkBytes, unpackChoices } from '#shared/archives.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { bundleProgram, type Bundled } from '../../test/testing/bundle-program.ts';
import { tar } from '../archives/testing/make-tar.ts';
import { askAgent } from '../core/ask-agent.ts';
import { poll } from '../nginx/nginx.process.ts';
import { startAgent, untilServing, type AgentProcess } from '../testing/agent-process.ts';
import { startFaultProcess, type FaultProcess } from '../testing/fault-process.ts';
import { makeWorld, newChangeId, snapshot, specOf, type World } from '../testing/world.ts';
import { runUnpacking } from './unpacking-run.ts';
import { findUnpacking, writeUnpacking, type UnpackingRecord } from './unpacking-records.ts';

let child: Bundled;
beforeAll(async () => {
  child = await bundleProgram('agent/testing/fault-child.ts');
}, 60_000);
afterAll(() => child.remove());

const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
const archive = gzipSync(
  tar([
    { name: 'top/index.html', content: 'new' },
    { name: 'top/content/a', content: 'new' },
    { name: 'top/content/b', content: 'new' },
    { name: 'top/fresh/c', content: 'new' },
  ]),
);

/** What a person has there, everything the site's own. */
function fill(root: string): void {
  const { uid, gid } = lstatSync(root);
  for (const name of readdirSync(root)) rmSync(`${root}/${name}`, { recursive: true });
  mkdirSync(`${root}/content`);
  for (const path of ['index.html', 'content/a', 'content/mine']) writeFileSync(`${root}/${path}`, 'old');
  for (const path of ['content', 'index.html', 'content/a', 'content/mine']) chownSync(`${root}/${path}`, uid, gid);
}

type Asks = (action: 'archives.begin' | 'archives.write', params: object) => Promise<unknown>;
async function send(ask: Asks, spec: SiteSpec, bytes: Buffer): Promise<string> {
  const [site, uploadId] = [refOf(spec), newChangeId()];
  await ask('archives.begin', { site, uploadId, fileName: 'a.tar.gz', sizeBytes: bytes.length });
  for (let offset = 0; offset < bytes.length; offset += uploadChunkBytes) {
    const data = bytes.subarray(offset, offset + uploadChunkBytes).toString('base64');
    await ask('archives.write', { site, uploadId, offset, data });
  }
  return uploadId;
}

function recordOf(spec: SiteSpec, uploadId: string): UnpackingRecord {
  return {
    unpackingId: newChangeId(),
    siteId: spec.siteId,
    slug: spec.slug,
    root: spec.root,
    uploadId,
    fileName: 'a.tar.gz',
    choices: unpackChoices.parse({ onConflict: 'replace' }),
    actor: { id: 'tester', name: 'tester' },
    state: 'starting',
    phase: 'read',
    attempt: 1,
    process: null,
    progress: 0,
    files: null,
    bytes: null,
    topFolder: null,
    replaced: 0,
    kept: 0,
    failure: null,
    startedAt: Date.now(),
    endedAt: null,
  };
}

it('FAULT-1 ARCH-1 a kill -9 of the agent at every step of moving an archive in leaves the old files or the new ones, and then the new ones', async () => {
  const world: World = await makeWorld();
  const where = { stateFolder: world.settings.stateFolder };
  const start = (killAt: number | null): Promise<FaultProcess> =>
    startFaultProcess(child.program, world.settings, killAt);
  try {
    const spec = specOf(world, 'kill.test');
    const root = world.prefix + spec.root;
    const see = (): string => snapshot(world.prefix, [spec.root]);
    let agent = await start(null);
    const made = await agent.ask('sites.apply', { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' });
    expect(made?.error).toBeUndefined();
    await agent.kill();
    let kills = 0;
    let after = '';
    for (let killAt = 0, isAtEnd = false; !isAtEnd; killAt++) {
      fill(root);
      const before = see();
      agent = await start(null);
      const uploadId = await send((action, params) => agent.ask(action, params), spec, archive);
      await agent.kill();
      const record = await writeUnpacking(where, recordOf(spec, uploadId));
      await runUnpacking(world.settings, [spec.siteId, record.unpackingId], {
        async settle(params) {
          agent = await start(killAt);
          const answer = await agent.ask('archives.settle', params);
          const last = agent.points.at(-1) ?? '';
          isAtEnd = answer !== undefined;
          if (answer === undefined) {
            kills++;
            agent = await start(null);
            // Recovered: exactly one of the two, before anybody asks again.
            const shown = see();
            expect([last, shown === before ? 'old' : 'new']).toEqual([last, last === 'committed' ? 'new' : 'old']);
            expect((await agent.ask('archives.settle', params))?.error).toBeUndefined();
          }
          await agent.kill();
        },
      });
      expect(findUnpacking(where, spec.siteId, record.unpackingId)).toMatchObject({ state: 'succeeded', replaced: 2 });
      after ||= see();
      expect(see()).toBe(after);
      expect(readdirSync(`${root}/content`)).toEqual(['a', 'b', 'mine']);
    }
    expect(kills).toBeGreaterThan(8);
  } finally {
    world.destroy();
  }
}, 180_000);

it('FAULT-1 ARCH-1 an unpacking whose process or agent is killed at any moment is taken up again, and nothing of the tries is left', async () => {
  const world: World = await makeWorld();
  let agent: AgentProcess = startAgent(world);
  const ask = (action: string, params: object): Promise<unknown> => askAgent(world.settings, action, params, 'tester');
  const where = { stateFolder: world.settings.stateFolder };
  try {
    await untilServing(world, agent);
    const spec = specOf(world, 'again.test');
    await ask('sites.apply', { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' });
    // Thousands of files: it takes a while.
    const many = gzipSync(
      tar(Array.from({ length: 4_000 }, (_, index) => ({ name: `d${index % 40}/f${index}`, content: `${index}` }))),
      { level: 1 },
    );
    for (const [round, wait] of [100, 400, 700].entries()) {
      const uploadId = await send(ask, spec, many);
      const unpackingId = newChangeId();
      const choices = unpackChoices.parse({ onConflict: 'empty' });
      const params = { site: refOf(spec), unpackingId, uploadId, choices };
      await ask('archives.unpack', params);
      const record = () => findUnpacking(where, spec.siteId, unpackingId);
      await poll(() => record()?.process != null, Date.now() + 10_000);
      await new Promise((resolve) => setTimeout(resolve, wait));
      const pid = record()?.process?.pid;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      if (round % 2 === 1) {
        agent.child.kill('SIGKILL');
        await agent.ended;
        agent = startAgent(world);
        await untilServing(world, agent);
      }
      // What follows an unpacking asks for it again while it is interrupted, as the job of the panel does.
      const isDone = await poll(async () => {
        const said = (await ask('archives.follow', { site: refOf(spec), unpackingId, offset: 0 })) as {
          isInterrupted: boolean;
          unpacking: { state: string };
        };
        if (said.isInterrupted) await ask('archives.unpack', params);
        return said.unpacking.state === 'succeeded';
      }, Date.now() + 40_000);
      expect([round, isDone, record()?.failure]).toEqual([round, true, null]);
      const root = world.prefix + spec.root;
      expect(readdirSync(root)).toHaveLength(40);
      expect(readdirSync(root).flatMap((name) => readdirSync(`${root}/${name}`))).toHaveLength(4_000);
      expect(readdirSync(`${where.stateFolder}/uploads/${spec.siteId}`)).toEqual([]);
      for (const name of readdirSync(`${world.prefix}/www/recycle_bin`))
        expect(existsSync(`${world.prefix}/www/recycle_bin/${name}/new`)).toBe(false);
    }
  } finally {
    agent.child.kill('SIGTERM');
    await agent.ended;
    world.destroy();
  }
}, 120_000);
