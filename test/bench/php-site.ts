import autocannon from 'autocannon';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { phpSocket, type PhpPlace } from '../../agent/php/php.paths.ts';
import { type Figure } from './figures.ts';
import { startNginx } from './private-machine.ts';
import { startAgent, startPanel, type Code, type Panel } from './panel-process.ts';

const port = 15461;
const rounds = 40;
const requestsPerRound = 10_000;
const what = 'PHP hello through the site, against a hand-written nginx file on the same pool';

/** Requests per second to one script through the panel's site and through a bare server block, in turn, on one pool. */
export async function measurePhp(code: Code, folder: string): Promise<Figure[]> {
  if (!readdirSync('/usr/sbin').some((name) => /^php-fpm\d/.test(name))) return [notRun('PHP-FPM is not installed')];
  if (!startNginx()) return [notRun('nginx is not installed')];
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: `${folder}/php`, agentSocket: agent.socket });
  try {
    const socket = await prepare(panel);
    writeFileSync('/etc/nginx/conf.d/by-hand-php.conf', byHand(socket));
    const { status, stderr } = spawnSync('/usr/sbin/nginx', ['-s', 'reload'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    // nginx's old workers, which do not know the name, answer for a tenth of a second more.
    await wait(1_000);
    const seconds: Record<string, number> = {};
    const hosts = ['hand.test', 'hello.test'];
    // A machine that has other guests becomes slower and faster from one second to the next: each has its short turns, and
    // goes first in every other one. One round more than counted: the first fills caches.
    for (let round = 0; round <= rounds; round++) {
      for (const host of round % 2 === 0 ? hosts : hosts.toReversed()) {
        const took = await secondsOf(host);
        if (round > 0) seconds[host] = (seconds[host] ?? 0) + took;
      }
    }
    const [bare = 0, ours = 0] = hosts.map((host) => (rounds * requestsPerRound) / (seconds[host] ?? 0));
    const note = `${rounds} turns each: ${Math.round(ours)} requests/s against ${Math.round(bare)} by hand`;
    return [{ what, unit: '× bare', value: ours / bare, limit: { atLeast: 0.95 }, note }];
  } finally {
    await panel.stop();
    await agent.stop();
  }
}

/** Makes the site; answers the socket of its pool. */
async function prepare(panel: Panel): Promise<string> {
  const { items } = (await panel.call('GET', '/api/v1/php/versions')).body as {
    items: { version: string; isInstalled: boolean }[];
  };
  const version = items.find(({ isInstalled }) => isInstalled)?.version ?? '';
  const body = { kind: 'php', domains: ['hello.test'], php: { version } };
  const made = await panel.call('POST', '/api/v1/sites', body);
  if (made.status !== 201) throw new Error(`creating: ${made.status} ${JSON.stringify(made.body).slice(0, 1_000)}`);
  const { site } = made.body as { site: { id: string; root: string; php: PhpPlace } };
  writeFileSync(`${site.root}/hello.php`, '<?php echo "hello";');
  return phpSocket('', site.php, site.id);
}

function byHand(socket: string): string {
  return `server {
    listen 80;
    server_name hand.test;
    root /www/wwwroot/hello.test;
    location ~ \\.php$ {
        include fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_pass unix:${socket};
    }
}
`;
}

async function secondsOf(host: string): Promise<number> {
  const url = 'http://127.0.0.1/hello.php';
  const from = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const options = { url, connections: 8, amount: requestsPerRound, headers: { host } };
  const run = autocannon(options, (error: unknown, result) =>
    error === null || error === undefined ? resolve(result) : reject(new Error('autocannon', { cause: error })),
  );
  // The run itself ends with a whole second.
  let lastAt = from;
  run.on('response', () => (lastAt = performance.now()));
  const result = await promise;
  // nginx closes a connection after a thousand requests, which counts as an error here.
  if (result.non2xx + result.timeouts > 0) throw new Error(`${host}: not every answer is 200`);
  return (lastAt - from) / 1_000;
}

function notRun(note: string): Figure {
  return { what, unit: '× bare', value: null, limit: { atLeast: 0.95 }, note };
}
