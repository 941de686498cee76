import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { median, type Figure } from './figures.ts';
import { addNotFoundServer, startNginx } from './private-machine.ts';
import { startAgent, startPanel, type Code, type Panel } from './panel-process.ts';
import { firstAnswer } from './visits.ts';

const port = 15451;
const rounds = 9;
/** After a reload nginx's master sleeps for 100 ms and takes no other one: what came before must not be paid for here. */
const quietMs = 300;

/**
 * A static site from the API call to the first 200 through nginx, against what no panel can be faster than: writing the
 * file by hand, `nginx -t`, `nginx -s reload`, first request. Both in turn on the same nginx with the same sites.
 */
export async function measureCreation(code: Code, folder: string, counts: readonly number[]): Promise<Figure[]> {
  if (!startNginx()) return counts.map((count) => notRun(count, 'nginx is not installed'));
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: `${folder}/create`, agentSocket: agent.socket });
  const figures: Figure[] = [];
  try {
    await createSite(panel, 'first.test');
    addNotFoundServer();
    let present = 1;
    for (const count of counts.map((each) => Math.min(each, mostSites()))) {
      await withoutNginx(async () => {
        for (; present < count; present++) await createSite(panel, `s${present}.present.test`);
      });
      figures.push(...(await compare(panel, count)));
      present += rounds + 1;
    }
  } finally {
    await panel.stop();
    await agent.stop();
  }
  return figures;
}

/** Two logs of each site are open, twice while nginx loads its files: some machines, as containers, do not allow more. */
function mostSites(): number {
  const [, hard = '0'] = /^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Math.floor((Number(hard) - 1_000) / 4);
}

/** Thousands of sites on the way to a number: with nginx each of them would cost a reload, which is measured elsewhere. */
async function withoutNginx(work: () => Promise<void>): Promise<void> {
  run('-s', 'quit');
  while (existsSync('/run/nginx.pid')) await wait(20);
  renameSync('/etc/nginx/nginx.conf', '/etc/nginx/nginx.conf.away');
  await work();
  renameSync('/etc/nginx/nginx.conf.away', '/etc/nginx/nginx.conf');
  if (!startNginx()) throw new Error('nginx did not start again');
}

async function compare(panel: Panel, count: number): Promise<Figure[]> {
  const bare: number[] = [];
  const ours: number[] = [];
  const answers: number[] = [];
  // One round more than counted: the first fills caches.
  for (let round = 0; round <= rounds; round++) {
    await wait(quietMs);
    const bareMs = await createByHand(`b${round}.at${count}.test`);
    await wait(quietMs);
    const { totalMs, answerMs } = await createAndVisit(panel, `p${round}.at${count}.test`);
    if (round === 0) continue;
    bare.push(bareMs);
    ours.push(totalMs);
    answers.push(answerMs);
  }
  const ratio = median(ours) / median(bare);
  const note = `median of ${rounds}: ${Math.round(median(ours))} ms (answer ${Math.round(median(answers))} ms) against ${Math.round(median(bare))} ms by hand`;
  return [
    {
      ...figureOf(count),
      value: ratio,
      note,
    },
  ];
}

async function createByHand(host: string): Promise<number> {
  const root = `/www/by-hand/${host}`;
  mkdirSync(root, { recursive: true });
  const file = `/etc/nginx/conf.d/${host}.conf`;
  const from = performance.now();
  writeFileSync(`${root}/index.html`, `hello ${host}\n`);
  writeFileSync(file, `server { listen 80; server_name ${host}; root ${root}; }\n`);
  run('-t');
  run('-s', 'reload');
  await firstAnswer(host);
  const ms = performance.now() - from;
  rmSync(file);
  return ms;
}

async function createAndVisit(panel: Panel, host: string): Promise<{ totalMs: number; answerMs: number }> {
  const from = performance.now();
  await createSite(panel, host);
  const answerMs = performance.now() - from;
  await firstAnswer(host);
  return { totalMs: performance.now() - from, answerMs };
}

async function createSite(panel: Panel, host: string): Promise<void> {
  const { status, body } = await panel.call('POST', '/api/v1/sites', { kind: 'static', domains: [host] });
  if (status !== 201) throw new Error(`creating ${host}: ${status} ${JSON.stringify(body).slice(0, 1000)}`);
}

function run(...args: string[]): void {
  const { status, stderr } = spawnSync('/usr/sbin/nginx', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`nginx ${args.join(' ')}: ${stderr}`);
}

function notRun(count: number, note: string): Figure {
  return { ...figureOf(count), value: null, note };
}

function figureOf(count: number): Pick<Figure, 'what' | 'unit' | 'limit'> {
  return {
    what: `static site, API call to first 200, ${count} sites present`,
    unit: '× bare',
    limit: { atMost: count > 1_000 ? 2 : 1.5 },
  };
}
