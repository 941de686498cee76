import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteDeploy } from '#shared/site-deploy.ts';
import { bundleProgram, type Bundled } from '../../test/testing/bundle-program.ts';
import { askAgent } from '../core/ask-agent.ts';
import { poll } from '../nginx/nginx.process.ts';
import { startAgent, untilServing, type AgentProcess } from '../testing/agent-process.ts';
import { startFaultProcess, type FaultProcess } from '../testing/fault-process.ts';
import { hasGitServer, startGitServer, type GitServer } from '../testing/git-server.ts';
import { hasNginx, makeWorld, newChangeId, specOf, visit, visitUntil, type World } from '../testing/world.ts';
import { findDeployment, writeDeployment, type DeploymentRecord } from './deployment-records.ts';
import { runDeployment } from './deployment-run.ts';
import { newRecord } from './deployments.ts';
import type { SiteRecord } from '../sites/site-records.ts';

const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });

describe.runIf(hasNginx && hasGitServer)('deployments that are killed', () => {
  let child: Bundled;
  let server: GitServer;
  beforeAll(async () => {
    child = await bundleProgram('agent/testing/fault-child.ts');
    server = await startGitServer();
  }, 60_000);
  afterAll(() => {
    child.remove();
    server.stop();
  });

  const deployOf = (name: string, more: object = {}): SiteSpec['deploy'] =>
    siteDeploy.parse({
      source: { url: server.url(name), ref: { kind: 'branch', name: 'main' }, hostKey: server.hostKey },
      ...more,
    });

  it('FAULT-1 RUN-2 a kill -9 of the agent at every step of a first and of a later switch leaves the old or the new release, and then the new one', async () => {
    const world: World = await makeWorld({ nginx: 'running' });
    const start = (killAt: number | null): Promise<FaultProcess> =>
      startFaultProcess(child.program, world.settings, killAt);
    try {
      const spec = specOf(world, 'kill.test');
      server.commit('kill', { 'index.html': 'release 0' });
      let agent = await start(null);
      const apply = (given: SiteSpec, isNew: boolean) =>
        agent.ask('sites.apply', { spec: given, changeId: newChangeId(), isNew, onDrift: 'refuse' });
      expect((await apply(spec, true))?.error).toBeUndefined();
      const key = await agent.ask('deployments.make_key', { site: refOf(spec), isReplacing: false });
      server.allow(String(key?.result?.['publicKey']));
      const deployed = { ...spec, deploy: deployOf('kill') };
      expect((await apply(deployed, false))?.error).toBeUndefined();
      await agent.kill();
      let before = 'welcome';
      let kills = 0;
      for (let release = 0; release < 2; release++) {
        let isAtEnd = false;
        for (let killAt = 0; !isAtEnd; killAt++) {
          const text = `release ${release}.${killAt}`;
          server.commit('kill', { 'index.html': text });
          // A first release each time, until it is known what every kill leaves.
          const deploymentId = newChangeId();
          const record = JSON.parse(
            readFileSync(`${world.settings.stateFolder}/sites/kill.test.json`, 'utf8'),
          ) as SiteRecord;
          const actor = { id: 'tester', name: 'tester' };
          const where = { stateFolder: world.settings.stateFolder };
          await writeDeployment(where, newRecord(record, { deploymentId, trigger: 'person', actor }));
          await runDeployment(world.settings, [spec.siteId, deploymentId], {
            async settle(params) {
              agent = await start(killAt);
              const answer = await agent.ask('deployments.settle', params);
              const last = agent.points.at(-1) ?? '';
              isAtEnd = answer !== undefined || last === 'committed';
              if (answer === undefined) {
                kills++;
                agent = await start(null);
                // Recovered: exactly one of the two, and nobody sees anything else.
                const seen = await visitUntil(world.port, 'kill.test', ({ status }) => status === 200);
                const shown = seen.body.startsWith('<!doctype') ? 'welcome' : seen.body;
                expect([last, shown]).toEqual([last, last === 'committed' ? text : before]);
                // The process of the deployment asks again, as it does when its agent was away.
                expect((await agent.ask('deployments.settle', params))?.error).toBeUndefined();
              }
              await agent.kill();
            },
          });
          expect(findDeployment(where, spec.siteId, deploymentId)?.state).toBe('succeeded');
          expect((await visitUntil(world.port, 'kill.test', ({ body }) => body === text)).body).toBe(text);
          before = text;
          // The first switch is another transaction than those after it: once is enough.
          if (release === 0) isAtEnd = true;
        }
      }
      expect(kills).toBeGreaterThan(5);
    } finally {
      world.destroy();
    }
  }, 180_000);

  it('RUN-5 a deployment whose process or agent is killed at any moment is taken up again and ends with the new release', async () => {
    const world: World = await makeWorld({ nginx: 'running' });
    let agent: AgentProcess = startAgent(world);
    const ask = (action: string, params: object): Promise<unknown> =>
      askAgent(world.settings, action, params, 'tester');
    const restart = async (): Promise<void> => {
      agent.child.kill('SIGKILL');
      await agent.ended;
      agent = startAgent(world);
      await untilServing(world, agent);
    };
    try {
      await untilServing(world, agent);
      const spec = specOf(world, 'again.test');
      const apply = (given: SiteSpec, isNew: boolean) =>
        ask('sites.apply', { spec: given, changeId: newChangeId(), isNew, onDrift: 'refuse' });
      server.commit('again', { 'index.html': 'zero' });
      await apply(spec, true);
      const { publicKey } = (await ask('deployments.make_key', { site: refOf(spec), isReplacing: false })) as {
        publicKey: string;
      };
      server.allow(publicKey);
      await apply({ ...spec, deploy: deployOf('again', { build: [['sleep', '0.6']] }) }, false);
      const where = { stateFolder: world.settings.stateFolder };
      const record = (id: string): DeploymentRecord | undefined => findDeployment(where, spec.siteId, id);
      const logOf = (id: string): string =>
        readFileSync(`${where.stateFolder}/deployments/${spec.siteId}/${id}.log`, 'utf8') + JSON.stringify(record(id));
      for (const [round, wait] of [150, 450, 800, 1_100].entries()) {
        const text = `round ${round}`;
        server.commit('again', { 'index.html': text });
        const deploymentId = newChangeId();
        const params = { site: refOf(spec), deploymentId, trigger: 'person' };
        await ask('deployments.start', params);
        await poll(() => record(deploymentId)?.process != null, Date.now() + 10_000);
        await new Promise((resolve) => setTimeout(resolve, wait));
        const pid = record(deploymentId)?.process?.pid;
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        // The machine was away for long: the patience with an attempt begins with the attempt.
        const left = record(deploymentId);
        const longAgo = Date.now() - 10 * 60_000;
        if (left !== undefined && left.endedAt === null)
          await writeDeployment(where, { ...left, startedAt: longAgo, attemptedAt: longAgo });
        if (round % 2 === 1) await restart();
        // What follows a deployment asks for it again while it is interrupted, as the job of the panel does.
        const isDone = await poll(async () => {
          const said = (await ask('deployments.follow', { site: refOf(spec), deploymentId, offset: 0 })) as {
            isInterrupted: boolean;
            deployment: { state: string };
          };
          if (said.isInterrupted) await ask('deployments.start', params);
          return said.deployment.state === 'succeeded';
        }, Date.now() + 30_000);
        expect([round, isDone, record(deploymentId)?.failure], logOf(deploymentId)).toEqual([round, true, null]);
        expect((await visitUntil(world.port, 'again.test', ({ body }) => body === text)).body).toBe(text);
      }
      expect(readlinkSync(`${world.prefix}${spec.root}/current`)).toMatch(/^releases\//);
      expect((await visit(world.port, 'again.test')).status).toBe(200);
    } finally {
      agent.child.kill('SIGTERM');
      await agent.ended;
      world.destroy();
    }
  }, 120_000);
});
