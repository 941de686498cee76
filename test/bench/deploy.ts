import { existsSync } from 'node:fs';
import { startGitServer, type GitServer } from '../../agent/testing/git-server.ts';
import type { Figure } from './figures.ts';
import { ask, startAgent, startPanel, type Code, type Panel } from './panel-process.ts';
import { startNginx } from './private-machine.ts';
import { visit } from './visits.ts';

const port = 15471;
const requests = 10_000;
const visitors = 8;
const switches = 20;
const host = 'deployed.test';
const figures = {
  failed: { what: `failed of ${requests} requests while releases are switched`, unit: '', limit: { atMost: 0 } },
  slowest: { what: 'slowest deploy switch or rollback, as the panel answers it', unit: 'ms', limit: { atMost: 1_000 } },
} as const;

/** A static site that is deployed twice from a real repository over SSH, then goes back and forth under load. */
export async function measureDeploy(code: Code, folder: string): Promise<Figure[]> {
  if (!['/usr/bin/git', '/usr/sbin/sshd'].every((each) => existsSync(each)))
    return notRun('git or sshd is not installed');
  if (!startNginx()) return notRun('nginx is not installed');
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: `${folder}/deploy`, agentSocket: agent.socket });
  const server = await startGitServer();
  try {
    const path = await connect(panel, server);
    let isOver = false;
    let asked = 0;
    let failed = 0;
    const visitor = async (): Promise<void> => {
      while (!isOver || asked < requests) {
        asked++;
        if ((await visit(host)) !== 200) failed++;
      }
    };
    const all = Array.from({ length: visitors }, visitor);
    const ids = [await deploy(panel, path)];
    server.commit('site', { 'index.html': 'release two' });
    ids.push(await deploy(panel, path));
    const state = await ask<{ items: { switchMs: number | null }[] }>(panel, 'GET', `${path}/deployments`);
    const times = state.items.flatMap(({ switchMs }) => switchMs ?? []);
    for (let round = 0; round < switches; round++) {
      const startedAt = performance.now();
      await ask(panel, 'POST', `${path}/deployments/${ids[round % 2]}/rollback`);
      times.push(performance.now() - startedAt);
    }
    isOver = true;
    await Promise.all(all);
    const note = `${asked} requests, ${switches} ways back and two deployments`;
    return [
      { ...figures.failed, value: failed, note },
      { ...figures.slowest, value: Math.max(...times), note },
    ];
  } finally {
    server.stop();
    await panel.stop();
    await agent.stop();
  }
}

/** Answers the path of the site in the API. */
async function connect(panel: Panel, server: GitServer): Promise<string> {
  server.commit('site', { 'index.html': 'release one' });
  const { site } = await ask<{ site: { id: string } }>(panel, 'POST', '/api/v1/sites', {
    kind: 'static',
    domains: [host],
  });
  const path = `/api/v1/sites/${site.id}`;
  server.allow((await ask<{ publicKey: string }>(panel, 'POST', `${path}/deploy/key`, {})).publicKey);
  const source = { url: server.url('site'), ref: { kind: 'branch', name: 'main' }, hostKey: server.hostKey };
  await ask(panel, 'PUT', `${path}/deploy`, { deploy: { source } });
  return path;
}

async function deploy(panel: Panel, path: string): Promise<string> {
  const { id } = await ask<{ id: string }>(panel, 'POST', `${path}/deployments`);
  for (;;) {
    const job = await ask<{ state: string; failure: unknown }>(panel, 'GET', `/api/v1/jobs/${id}`);
    if (job.state === 'succeeded') return id;
    if (job.state === 'failed') throw new Error(`the deployment failed: ${JSON.stringify(job.failure)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function notRun(note: string): Figure[] {
  return Object.values(figures).map((figure) => ({ ...figure, value: null, note }));
}
