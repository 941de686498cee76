import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from './figures.ts';
import { startAgent, startPanel, type Code, type Panel } from './panel-process.ts';
import { cpuSeconds, pssMb } from './process-cost.ts';

const port = 15453;

/** Memory and processor of everything of ours: signed out, then with one dashboard open. */
export async function measureIdle(
  code: Code,
  folder: string,
  seconds: number,
  hasRealAgent: boolean,
): Promise<Figure[]> {
  const how = code.isRelease ? 'release as installed' : 'from sources: the browser part is not built';
  const agentFigures = hasRealAgent ? await measureAgent(code, folder) : [];
  const panel = await startPanel(code, { port, dataDir: `${folder}/idle` });
  try {
    // Until the panel has given back the memory of its start (15 s after the last request): from then on it is idle.
    await sleep(20_000);
    const signedOut = await measure(panel, seconds);
    const stream = openStream(panel);
    await sleep(3_000);
    const watched = await measure(panel, seconds);
    stream.destroy();
    const note = `over ${seconds} s, ${how}; in production no agent runs while idle`;
    return [
      { what: 'idle, signed out: memory', unit: 'MB PSS', value: signedOut.pssMb, limit: { atMost: 100 }, note },
      {
        what: 'idle, signed out: processor',
        unit: '% of a core',
        value: signedOut.cpuPercent,
        limit: { atMost: 0.3 },
        note,
      },
      { what: 'one dashboard open: memory', unit: 'MB PSS', value: watched.pssMb, limit: { atMost: 150 }, note },
      {
        what: 'one dashboard open: processor',
        unit: '% of a core',
        value: watched.cpuPercent,
        limit: { atMost: 2 },
        note,
      },
      ...agentFigures,
      ...(hasRealAgent ? [await measureBoth(code, folder, panel, how)] : []),
    ];
  } finally {
    await panel.stop();
  }
}

async function measure({ pid }: Panel, seconds: number): Promise<{ pssMb: number; cpuPercent: number }> {
  const from = cpuSeconds(pid);
  const at = performance.now();
  await sleep(seconds * 1000);
  const used = cpuSeconds(pid) - from;
  return { pssMb: pssMb(pid), cpuPercent: (100 * used * 1000) / (performance.now() - at) };
}

/** Both processes up at once: what they share counts once. */
async function measureBoth(code: Code, folder: string, panel: Panel, how: string): Promise<Figure> {
  const agent = await startAgent(code, folder);
  await askAgent(agent.socket);
  const value = pssMb(panel.pid) + pssMb(agent.process.pid ?? 0);
  await agent.stop();
  return {
    what: 'signed out, in the minute after work: web and agent',
    unit: 'MB PSS',
    value,
    // From sources both processes carry a TypeScript compiler that an installation does not have.
    limit: code.isRelease ? { atMost: 100 } : null,
    note: `${how}; both processes up`,
  };
}

/** How large the agent is while it works, and that it ends by itself. */
async function measureAgent(code: Code, folder: string): Promise<Figure[]> {
  const agent = await startAgent(code, folder, 3_000);
  const pid = agent.process.pid ?? 0;
  await askAgent(agent.socket);
  const size = pssMb(pid);
  const ended = await Promise.race([
    new Promise<boolean>((done) => agent.process.once('exit', () => done(true))),
    sleep(15_000, false),
  ]);
  await agent.stop();
  return [
    { what: 'agent while it works: memory', unit: 'MB PSS', value: size, limit: null, note: '' },
    {
      what: 'agent ends after its idle time',
      unit: '(1 = yes)',
      value: ended ? 1 : 0,
      limit: { atLeast: 1 },
      note: 'idle time set to 3 s',
    },
  ];
}

async function askAgent(socketPath: string): Promise<void> {
  const body = JSON.stringify({
    protocol: 1,
    params: {},
    actor: { id: 'bench', name: 'bench' },
    requestId: 'bench',
    deadline: Date.now() + 5_000,
  });
  await new Promise<void>((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const sent = request({ socketPath, path: '/v1/actions/agent.info', method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve());
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The event stream that an open dashboard holds, with the samples of every second. */
function openStream(panel: Panel): { destroy(): void } {
  const headers = {
    Cookie: panel.cookie,
    Origin: panel.origin,
    'Sec-Fetch-Site': 'same-origin',
    Accept: 'text/event-stream',
  };
  const sent = request(`${panel.origin}/api/v1/events?topics=system`, { headers }, (response) => {
    if (response.statusCode !== 200) throw new Error(`the event stream answered ${response.statusCode}`);
    response.resume();
  });
  sent.on('error', () => undefined);
  sent.end();
  return sent;
}
