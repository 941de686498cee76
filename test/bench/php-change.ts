import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { PhpPlace } from '../../agent/php/php.paths.ts';
import { installPhp } from '../../agent/testing/php.ts';
import { median, type Figure } from './figures.ts';
import { startAgent, startPanel, type Code, type Panel } from './panel-process.ts';
import { must, startNginx } from './private-machine.ts';
import { firstAnswer, visit } from './visits.ts';

const port = 15481;
const rounds = 7;
/** After a reload nginx's master sleeps for 100 ms and takes no other one: what came before must not be paid for here. */
const quietMs = 300;
/** The same program under another number: a second version for the panel. */
const other = '8.9';
const requestsPerSecond = 200;
const switches = 6;
const figures = {
  create: { what: 'PHP site, API call to first 200', unit: '× bare', limit: { atMost: 1.5 } },
  slowest: { what: 'slowest switch of a PHP version, as the panel answers it', unit: 'ms', limit: { atMost: 1_000 } },
  failed: { what: `failed requests at ${requestsPerSecond} a second meanwhile`, unit: '', limit: { atMost: 0 } },
} as const;

/** Creating a PHP site beside the same by hand, and switching its version while it is visited. */
export async function measurePhpChanges(code: Code, folder: string): Promise<Figure[]> {
  const version = readdirSync('/usr/sbin').flatMap((name) => /^php-fpm(\d\.\d)$/.exec(name)?.[1] ?? [])[0];
  if (version === undefined) return notRun('PHP-FPM is not installed');
  if (!startNginx()) return notRun('nginx is not installed');
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: `${folder}/php-change`, agentSocket: agent.socket });
  try {
    return [await compareCreation(panel, version), ...(await switchVersions(panel, version))];
  } finally {
    await panel.stop();
    await agent.stop();
  }
}

async function compareCreation(panel: Panel, version: string): Promise<Figure> {
  const bare: number[] = [];
  const ours: number[] = [];
  mkdirSync('/run/php', { recursive: true });
  // One round more than counted: the first fills caches.
  for (let round = 0; round <= rounds; round++) {
    await wait(quietMs);
    const bareMs = await createByHand(`hand${round}.test`, version);
    await wait(quietMs);
    const ourMs = await createAndVisit(panel, `php${round}.test`, version);
    if (round === 0) continue;
    bare.push(bareMs);
    ours.push(ourMs);
  }
  const note = `median of ${rounds}: ${Math.round(median(ours))} ms against ${Math.round(median(bare))} ms by hand`;
  return { ...figures.create, value: median(ours) / median(bare), note };
}

/** An FPM of its own, checked and started; a server block, checked and taken up; the first answer of a script. */
async function createByHand(name: string, version: string): Promise<number> {
  const root = `/www/by-hand/${name}`;
  const socket = `/run/php/${name}.sock`;
  mkdirSync(root, { recursive: true });
  const program = `/usr/sbin/php-fpm${version}`;
  const fpm = `/etc/php/${version}/fpm/by-hand-${name}.conf`;
  const pid = `/run/php/${name}.pid`;
  const server = `/etc/nginx/conf.d/${name}.conf`;
  const from = performance.now();
  writeFileSync(`${root}/hello.php`, '<?php echo "hello";');
  writeFileSync(fpm, fpmText(name, socket, pid));
  must(program, ['-t', '-y', fpm]);
  must(program, ['--daemonize', '-y', fpm, '-c', `/etc/php/${version}/fpm/php.ini`]);
  writeFileSync(server, serverText(name, root, socket));
  must('/usr/sbin/nginx', ['-t']);
  must('/usr/sbin/nginx', ['-s', 'reload']);
  await firstAnswer(name, '/hello.php');
  const ms = performance.now() - from;
  process.kill(Number(readFileSync(pid, 'utf8')), 'SIGQUIT');
  for (const file of [fpm, server]) rmSync(file);
  return ms;
}

function fpmText(name: string, socket: string, pid: string): string {
  return `[global]
pid = ${pid}
error_log = /var/log/${name}.log
[${name}]
user = www-data
group = www-data
listen = ${socket}
listen.owner = www-data
listen.group = www-data
pm = ondemand
pm.max_children = 5
`;
}

function serverText(name: string, root: string, socket: string): string {
  return `server {
    listen 80;
    server_name ${name};
    root ${root};
    location ~ \\.php$ {
        include fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_pass unix:${socket};
    }
}
`;
}

type Made = { readonly site: { readonly id: string; readonly root: string; readonly php: PhpPlace } };

async function create(panel: Panel, name: string, version: string): Promise<Made['site']> {
  const body = { kind: 'php', domains: [name], php: { version } };
  const made = await panel.call('POST', '/api/v1/sites', body);
  if (made.status !== 201) throw new Error(`creating: ${made.status} ${JSON.stringify(made.body).slice(0, 1_000)}`);
  const { site } = made.body as Made;
  // By hand it has one.
  if (site.php.isApart !== true) throw new Error('too little memory for PHP in a process of its own');
  return site;
}

async function createAndVisit(panel: Panel, name: string, version: string): Promise<number> {
  const from = performance.now();
  const { root } = await create(panel, name, version);
  writeFileSync(`${root}/hello.php`, '<?php echo "hello";');
  await firstAnswer(name, '/hello.php');
  return performance.now() - from;
}

async function switchVersions(panel: Panel, version: string): Promise<Figure[]> {
  if (!existsSync(`/usr/sbin/php-fpm${other}`)) installPhp({ prefix: '' }, other);
  const name = 'switch.test';
  const site = await create(panel, name, version);
  writeFileSync(`${site.root}/hello.php`, '<?php echo "hello";');
  await firstAnswer(name, '/hello.php');
  const visits: Promise<number>[] = [];
  const timer = setInterval(() => visits.push(visit(name, '/hello.php')), 1_000 / requestsPerSecond);
  const times: number[] = [];
  for (let round = 0; round < switches; round++) {
    await wait(1_000);
    const from = performance.now();
    await switchTo(panel, site.id, round % 2 === 0 ? other : version);
    times.push(performance.now() - from);
  }
  await wait(1_000);
  clearInterval(timer);
  const failed = (await Promise.all(visits)).filter((status) => status !== 200).length;
  const note = `${switches} switches, ${visits.length} requests`;
  return [
    { ...figures.slowest, value: Math.max(...times), note },
    { ...figures.failed, value: failed, note },
  ];
}

async function switchTo(panel: Panel, siteId: string, version: string): Promise<void> {
  const answer = await panel.call('PATCH', `/api/v1/sites/${siteId}`, { php: { version } });
  if (answer.status !== 200)
    throw new Error(`to ${version}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 1_000)}`);
}

function notRun(note: string): Figure[] {
  return Object.values(figures).map((figure) => ({ ...figure, value: null, note }));
}
