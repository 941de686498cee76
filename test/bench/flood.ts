import { spawn } from 'node:child_process';
import { flood, ask } from '../testing/flood.ts';
import { median, type Figure } from './figures.ts';
import { startAgent, startPanel, until, type Code } from './panel-process.ts';

const port = 15_457;
const barePort = 15_458;
const perSecond = 500;

/** How long `/health/live` takes while strangers try to sign in, over a server beside it that only answers. */
export async function measureFlood(code: Code, folder: string, hasRealAgent: boolean): Promise<Figure[]> {
  const answerOnly = `require('node:http').createServer((_, answer) => answer.end('ok')).listen(${barePort}, '127.0.0.1')`;
  const bare = spawn(process.execPath, ['-e', answerOnly], { stdio: 'ignore' });
  const agent = hasRealAgent ? await startAgent(code, folder) : undefined;
  const panel = await startPanel(code, {
    port,
    dataDir: `${folder}/flood`,
    trustedProxies: '127.0.0.1',
    ...(agent === undefined ? {} : { agentSocket: agent.socket }),
  });
  try {
    const bareOrigin = `http://127.0.0.1:${barePort}`;
    await until('the bare server', async () => await ask(bareOrigin).catch(() => undefined));
    const found = await flood({ pid: panel.pid, origin: panel.origin, bareOrigin, seconds: 10, perSecond });
    const counts = [...new Set(found.statuses)].toSorted((a, b) => a - b);
    const of = (status: number): number => found.statuses.filter((one) => one === status).length;
    const note = `${counts.map((status) => `${of(status)} × ${status}`).join(', ')}; ${hasRealAgent ? 'real' : 'fake'} agent`;
    const odd = found.statuses.filter((status) => ![401, 423, 429, 503].includes(status)).length;
    return [
      {
        what: `${perSecond} sign-ins a second: /health/live over a bare server`,
        unit: 'ms',
        value: median(found.probedMs) - median(found.bareMs),
        limit: { atMost: 50 },
        note,
      },
      { what: `${perSecond} sign-ins a second: other answers`, unit: '', value: odd, limit: { atMost: 0 }, note: '' },
      {
        what: `${perSecond} sign-ins a second: memory of the panel`,
        unit: 'MB RSS',
        value: found.mostBytes / 1e6,
        limit: { atMost: 350 },
        note: '',
      },
    ];
  } finally {
    await panel.stop();
    await agent?.stop();
    bare.kill('SIGKILL');
  }
}
