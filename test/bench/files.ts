import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, createReadStream, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createBlockSum } from '#shared/block-sum.ts';
import { maxUploadPieceBytes } from '#shared/file-transfers.ts';
import { mostInPage, type FileList } from '#shared/files.ts';
import { measureScrolling } from './file-scroll.ts';
import { measureSearch } from './file-search.ts';
import { median, type Figure } from './figures.ts';
import { ask, startAgent, startPanel, until, type AgentProcess, type Code, type Panel } from './panel-process.ts';
import { must, onDisk, startNginx } from './private-machine.ts';
import { pssMb, watchPeak } from './process-cost.ts';

/*
 * Files of a site through the panel: a large folder beside `find`, a large upload beside one that plain nginx writes. Both
 * sides work on the same disk, and curl is the sender for both.
 */

const port = 15476;
const barePort = 15477;
const mib = 1024 * 1024;
const entries = 100_000;
const pieceMib = maxUploadPieceBytes / mib;
const rounds = 5;
/** Longer than the process that works for a site's user waits for a next question. */
const restMs = 16_000;
const place = '/www/wwwroot/files.test';

/** Of the file that is sent, and of the files that are searched. */
type Sizes = { readonly uploadMib: number; readonly hayMib: number };

/** Inside the private machine only. */
export async function measureFiles(code: Code, folder: string, { uploadMib, hayMib }: Sizes): Promise<Figure[]> {
  const giveBack = onDisk(folder, '/www/wwwroot');
  startNginx();
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: join(folder, 'files'), agentSocket: agent.socket });
  try {
    const { site } = await ask<{ site: { id: string } }>(panel, 'POST', '/api/v1/sites', {
      kind: 'static',
      domains: ['files.test'],
    });
    const path = `/api/v1/sites/${site.id}`;
    return [
      ...(await measureFolder(panel, path)),
      ...(await measureScrolling({ code, panel, path: `/sites/${site.id}/files?path=many` })),
      ...(await measureSearch(panel, path, place, hayMib)),
      ...(await measureUpload(agent, panel, { path, folder, sizeMib: uploadMib })),
    ];
  } finally {
    await panel.stop();
    await agent.stop();
    giveBack();
  }
}

async function measureFolder(panel: Panel, path: string): Promise<Figure[]> {
  const many = join(place, 'many');
  mkdirSync(many);
  for (let number = 0; number < entries; number++) writeFileSync(join(many, `file-${number}.txt`), '');
  execFileSync('chown', ['--recursive', '--reference', place, many]);
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < 3; round++) {
    // Nobody has looked at files of this site for a while.
    await wait(restMs);
    first.push((await page(panel, `${path}/files?path=many`)).ms);
    again.push((await page(panel, `${path}/files?path=many`)).ms);
  }
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 3; round++) {
    const from = performance.now();
    must('/usr/bin/find', [many, '-mindepth', '1', '-fprintf', '/dev/null', '%f %y %s %m %u %T@\n']);
    bare.push(performance.now() - from);
    ours.push(await listAll(panel, `${path}/files?path=many`));
  }
  const [whole, find] = [Math.min(...ours), Math.min(...bare)];
  return [
    {
      what: `folder of ${entries.toLocaleString('en')} files: first rows`,
      unit: 'ms',
      value: median(again),
      limit: { atMost: 100 },
      note: `whoever comes after a while, when a process for the site's user has to start: ${median(first).toFixed(0)} ms`,
    },
    {
      what: `folder of ${entries.toLocaleString('en')} files: all of it`,
      unit: '× find',
      value: whole / find,
      limit: { atMost: 2 },
      note: `${whole.toFixed(0)} ms against ${find.toFixed(0)} ms of find -printf`,
    },
  ];
}

async function page(panel: Panel, path: string): Promise<{ list: FileList; ms: number }> {
  const { status, body, ms } = await panel.call('GET', path);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body).slice(0, 500)}`);
  return { list: body as FileList, ms };
}

async function listAll(panel: Panel, path: string): Promise<number> {
  const from = performance.now();
  const seen = new Set<string>();
  for (let total = 1; seen.size < total; ) {
    const { list } = await page(panel, `${path}&offset=${seen.size}&limit=${mostInPage}`);
    for (const { name } of list.entries) seen.add(name);
    if (list.entries.length === 0) throw new Error(`only ${seen.size} of ${list.total} entries came`);
    total = list.total;
  }
  if (seen.size !== entries) throw new Error(`${seen.size} entries`);
  return performance.now() - from;
}

type Sending = { readonly path: string; readonly folder: string; readonly sizeMib: number };

async function measureUpload(agent: AgentProcess, panel: Panel, sending: Sending): Promise<Figure[]> {
  const { folder, sizeMib } = sending;
  const file = join(folder, 'large.bin');
  must('/usr/bin/dd', ['if=/dev/urandom', `of=${file}`, 'bs=1M', `count=${sizeMib}`, 'status=none']);
  const pieces = join(folder, 'pieces');
  mkdirSync(pieces);
  must('/usr/bin/split', ['-b', `${pieceMib}M`, '-d', '-a', '4', file, `${pieces}/`]);
  const whole = createBlockSum();
  for await (const piece of createReadStream(file, { highWaterMark: mib })) whole.add(piece as Buffer);
  const sum = whole.end();
  const bare = await startBare(folder);
  const rates = { ours: [] as number[], bare: [] as number[] };
  const memory = (): number => pssMb(panel.pid) + pssMb(agent.process.pid ?? 0);
  // What the large folder took is given back with the process that read it.
  await wait(restMs + 4_000);
  const before = memory();
  const peakOf = watchPeak(memory);
  try {
    for (let round = 0; round < rounds; round++) {
      execFileSync('sync');
      rates.bare.push(mbPerSecond(sizeMib, await bare.send(file)));
      execFileSync('sync');
      rates.ours.push(mbPerSecond(sizeMib, await upload(panel, { ...sending, sum, pieces })));
    }
  } finally {
    await bare.stop();
    rmSync(file);
    rmSync(pieces, { recursive: true });
  }
  const peak = peakOf();
  const [ours, theirs] = [Math.max(...rates.ours), Math.max(...rates.bare)];
  return [
    {
      what: 'upload beside plain nginx',
      unit: '× nginx',
      value: ours / theirs,
      limit: { atLeast: 0.7 },
      note: `${sizeMib} MiB, the faster of ${rounds}: ${ours.toFixed(0)} MB/s against ${theirs.toFixed(0)} MB/s; with a checksum of all of it`,
    },
    {
      what: 'upload: memory of web and agent',
      unit: 'MB PSS',
      value: peak,
      limit: { atMost: 150 },
      note: `${before.toFixed(0)} MB before; at the peak, with the process of the site's user`,
    },
  ];
}

const mbPerSecond = (sizeMib: number, ms: number): number => (sizeMib * mib) / 1_000 / ms;

/** As the browser does it: announced, sent in pieces one after another, compared and put in its place. */
async function upload(
  panel: Panel,
  { path, sizeMib, sum, pieces }: Sending & { readonly sum: string; readonly pieces: string },
): Promise<number> {
  const from = performance.now();
  const begun = await ask<{ id: string }>(panel, 'POST', `${path}/file-uploads`, {
    path: 'large.bin',
    sizeBytes: sizeMib * mib,
    onConflict: 'refuse',
  });
  const one = `${path}/file-uploads/${begun.id}`;
  const names = readdirSync(pieces).toSorted();
  const wishes = names.map((name, at) =>
    [
      `url = "${panel.origin}${one}?offset=${at * pieceMib * mib}"`,
      `upload-file = "${join(pieces, name)}"`,
      `header = "Cookie: ${panel.cookie}"`,
      `header = "Origin: ${panel.origin}"`,
      'header = "Sec-Fetch-Site: same-origin"',
      'header = "X-Aapanel: 1"',
      'header = "Content-Type: application/octet-stream"',
      'output = "/dev/null"',
      'write-out = "%{http_code}\\n"',
      'silent',
    ].join('\n'),
  );
  const said = await curl(['--config', '-'], wishes.join('\nnext\n'));
  const wrong = said
    .trim()
    .split('\n')
    .find((status) => status !== '200');
  if (wrong !== undefined) throw new Error(`a piece was answered with ${wrong}`);
  await ask(panel, 'POST', `${one}/finish`, { sum, onConflict: 'refuse' });
  const ms = performance.now() - from;
  const sent = join(place, 'large.bin');
  if (statSync(sent).size !== sizeMib * mib) throw new Error('not all of it is there');
  rmSync(sent);
  return ms;
}

/** An nginx of its own that only writes what it is sent, to the disk that the sites are on. */
async function startBare(folder: string): Promise<{ send(file: string): Promise<number>; stop(): Promise<void> }> {
  const home = join(folder, 'disk', 'bare');
  mkdirSync(join(home, 'files'), { recursive: true });
  const { uid, gid } = statSync(place);
  for (const each of [home, join(home, 'files')]) chownSync(each, uid, gid);
  const config = join(home, 'nginx.conf');
  writeFileSync(
    config,
    `user root; worker_processes auto; daemon off; pid ${home}/pid; error_log ${home}/error.log;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${barePort};
    root ${home}/files;
    client_max_body_size 0;
    client_body_temp_path ${home}/body;
    dav_methods PUT;
  }
}
`,
  );
  const server = spawn('/usr/sbin/nginx', ['-p', home, '-c', config], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${barePort}/large.bin`;
  await until('the bare nginx', () => spawnSync('/usr/bin/curl', ['--silent', url]).status === 0 || undefined);
  return {
    async send(file) {
      const from = performance.now();
      const status = await curl(['--silent', '--upload-file', file, '--write-out', '%{http_code}', url]);
      const ms = performance.now() - from;
      if (!status.startsWith('20')) throw new Error(`the bare nginx answered ${status}`);
      rmSync(join(home, 'files', 'large.bin'));
      return ms;
    },
    async stop() {
      server.kill('SIGTERM');
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
    },
  };
}

async function curl(args: readonly string[], input = ''): Promise<string> {
  const child = spawn('/usr/bin/curl', [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdin.end(input);
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`curl ended with ${String(status)}`);
  return said;
}
