import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fromTerminal, toTerminal } from '#shared/terminal-frames.ts';
import { terminalProtocol, terminalTicketPrefix } from '#shared/terminals.ts';
import { median, percentile, type Figure } from './figures.ts';
import { startCockpit, startTtyd, terminalSize, type Terminal } from './other-terminals.ts';
import { ask, startAgent, startPanel, type Code, type Panel } from './panel-process.ts';
import { pssMb, watchPeak } from './process-cost.ts';
import { startNginx } from './private-machine.ts';
import { openWire } from './wire.ts';

/*
 * One large `cat` and single keys, over the WebSocket of the panel, and over those of ttyd and Cockpit: the same file, the same
 * shell and the same client, which acknowledges what came as the browser does.
 */

const port = 15474;
const mib = 1024 * 1024;
const rounds = 10;
const keys = 300;
const acknowledgeBytes = 64 * 1024;
/** What Cockpit carried on a machine of this size, for where it is not installed. */
const cockpitMbPerSecond = 71;

/** `sizeMib`: what `cat` prints. Inside the private machine only. */
export async function measureTerminal(code: Code, folder: string, sizeMib: number): Promise<Figure[]> {
  startNginx();
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: join(folder, 'terminal'), agentSocket: agent.socket });
  try {
    const { site } = await ask<{ site: { id: string } }>(panel, 'POST', '/api/v1/sites', {
      kind: 'static',
      domains: ['terminal.test'],
    });
    const file = '/www/wwwroot/terminal.test/large.txt';
    writeFileSync(file, linesOf(sizeMib), { mode: 0o644 });
    const terminal = await open(panel, site.id);
    // What it starts without systemd is its own: the process of the terminal counts too.
    const memory = (): number => pssMb(panel.pid) + pssMb(agent.process.pid ?? 0);
    const [ttyd, cockpit] = [await startTtyd(), await startCockpit()];
    for (const each of [ttyd, cockpit]) if (each !== undefined) await answered(each, '');
    for (const each of [terminal, ttyd, cockpit]) if (each !== undefined) await carry(each, file, sizeMib);
    const before = memory();
    const peakOf = watchPeak(memory);
    const best = { ours: 0, ttyd: 0, cockpit: 0, bare: 0 };
    // By turns: what else the machine does meets all of them.
    for (let round = 0; round < rounds; round++) {
      best.ours = Math.max(best.ours, await carry(terminal, file, sizeMib));
      if (ttyd !== undefined) best.ttyd = Math.max(best.ttyd, await carry(ttyd, file, sizeMib));
      if (cockpit !== undefined) best.cockpit = Math.max(best.cockpit, await carry(cockpit, file, sizeMib));
      best.bare = Math.max(best.bare, bareRate(file, sizeMib));
    }
    const idleMs = await echoes(terminal);
    const busyMs = await echoesDuringOutput(terminal, file);
    const peak = peakOf();
    terminal.close();
    const others = [
      ['ttyd', await busySpread(ttyd, file)],
      ['Cockpit', await busySpread(cockpit, file)],
    ].map(([name, times]) => (times === '' ? '' : `; ${name}: ${times}`));
    const size = `${sizeMib} MiB, the fastest of ${rounds}`;
    const beside = (name: string, theirs: number, least: number): Figure => ({
      what: `terminal: \`cat\` beside ${name}`,
      unit: `× ${name}`,
      value: theirs === 0 ? null : best.ours / theirs,
      limit: { atLeast: least },
      note:
        theirs === 0
          ? `${name} is not installed`
          : `${size}: ${best.ours.toFixed(0)} MB/s against ${theirs.toFixed(0)} MB/s`,
    });
    return [
      beside('ttyd', best.ttyd, 0.8),
      beside('Cockpit', best.cockpit, 1),
      {
        what: 'terminal: `cat` through the panel',
        unit: 'MB/s',
        value: best.ours,
        limit: cockpit === undefined ? { atLeast: cockpitMbPerSecond } : null,
        note: `${size}; ${cockpit === undefined ? 'the limit is what Cockpit carried elsewhere; ' : ''}script(1), which sends it nowhere: ${best.bare.toFixed(0)} MB/s`,
      },
      {
        what: 'terminal: echo of a key, nothing else going on, p99',
        unit: 'ms',
        value: percentile(idleMs, 0.99),
        limit: { atMost: 4 },
        note: `${idleMs.length} keys, ${spread(idleMs)}`,
      },
      {
        what: 'terminal: echo of a key during output, p99',
        unit: 'ms',
        value: percentile(busyMs, 0.99),
        limit: { atMost: 20 },
        note: `${busyMs.length} keys, ${spread(busyMs)}${others.join('')}`,
      },
      {
        what: 'terminal: memory of web, agent and terminal above what it was',
        unit: 'MB PSS',
        value: peak - before,
        limit: { atMost: 30 },
        note: `${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at the peak, shell and \`cat\` counted in`,
      },
    ];
  } finally {
    await panel.stop();
    await agent.stop();
  }
}

/** Lines of lower case, so that a capital letter can only be a key's echo. */
function linesOf(sizeMib: number): string {
  const line = `${'the quick brown fox jumps over the lazy dog '.repeat(2).slice(0, 79)}\n`;
  return line.repeat(Math.ceil((sizeMib * mib) / line.length));
}

/** A terminal of the site's user, as the browser opens it. */
async function open(panel: Panel, siteId: string): Promise<Terminal> {
  const { terminal, key } = await ask<{ terminal: { id: string }; key: string }>(panel, 'POST', '/api/v1/terminals', {
    kind: 'site',
    siteId,
    ...terminalSize,
  });
  const { ticket } = await ask<{ ticket: string }>(panel, 'POST', `/api/v1/terminals/${terminal.id}/tickets`);
  const path = `/api/v1/terminals/${terminal.id}/socket`;
  let next = 0;
  let acknowledged = 0;
  let isOutput = false;
  const send = (type: number, rest: string): void => wire.send(Buffer.concat([Buffer.from([type]), Buffer.from(rest)]));
  const opened: Terminal = {
    type: (text) => send(toTerminal.input, text),
    onOutput: () => undefined,
    close: () => wire.end(),
  };
  const protocols = [terminalProtocol, terminalTicketPrefix + ticket];
  const headers = { Origin: panel.origin, Cookie: panel.cookie };
  const wire = await openWire({ port, path, protocols, headers }, (part, isFirst) => {
    if (isFirst) isOutput = part[0] === fromTerminal.output;
    if (!isOutput) return;
    const output = isFirst ? part.subarray(1) : part;
    next += output.length;
    opened.onOutput(output);
    if (next - acknowledged < acknowledgeBytes) return;
    acknowledged = next;
    send(toTerminal.acknowledge, String(next));
  });
  send(toTerminal.attach, JSON.stringify({ key, from: null, ...terminalSize }));
  await answered(opened, '');
  return opened;
}

/** Until the shell takes commands and has done this one. */
async function answered(terminal: Terminal, command: string, timeoutMs = 120_000): Promise<void> {
  const mark = randomBytes(6).toString('hex');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`the terminal did not come to the end of: ${command}`)), timeoutMs);
  let end = '';
  terminal.onOutput = (bytes) => {
    end = (end + bytes.subarray(-200).toString('latin1')).slice(-200);
    if (end.includes(`${mark}-`)) resolve();
  };
  // The line that is echoed must not have what is waited for.
  const line = `${command}${command === '' ? '' : '; '}printf '%s-' ${mark}\r`;
  terminal.type(line);
  // A shell that has just been interrupted may throw away what is typed.
  const asking = setInterval(() => (command === '' ? terminal.type(line) : undefined), 1_000);
  await promise.finally(() => {
    clearTimeout(timer);
    clearInterval(asking);
  });
  terminal.onOutput = () => undefined;
}

/** MB/s of one `cat`. */
async function carry(terminal: Terminal, file: string, sizeMib: number): Promise<number> {
  const from = performance.now();
  await answered(terminal, `cat ${file}`);
  return (sizeMib * mib) / 1_000 / (performance.now() - from);
}

/** MB/s of what a terminal of this machine gives at most: read and thrown away. */
function bareRate(file: string, sizeMib: number): number {
  const from = performance.now();
  const args = ['--quiet', '--command', `cat ${file}`, '/dev/null'];
  const { status } = spawnSync('/usr/bin/script', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('script(1) could not be run');
  return (sizeMib * mib) / 1_000 / (performance.now() - from);
}

/** How long each key took to come back, in ms. */
async function echoes(terminal: Terminal): Promise<number[]> {
  const times: number[] = [];
  for (let key = 0; key < keys; key++) {
    times.push(await echo(terminal));
    await wait(10);
  }
  // Ctrl-C: the line is forgotten.
  terminal.type('\u0003');
  await answered(terminal, '');
  return times;
}

/** Whether a bad p99 is all keys or the few that met something else on the machine. */
function spread(times: readonly number[]): string {
  const later = times.filter((each) => each > 2 * median(times)).length;
  const [p90, worst] = [percentile(times, 0.9), Math.max(...times)].map((each) => each.toFixed(2));
  return `median ${median(times).toFixed(2)} ms, p90 ${p90} ms, worst ${worst} ms, ${later} took more than twice the median`;
}

async function echoesDuringOutput(terminal: Terminal, file: string): Promise<number[]> {
  terminal.type(`while cat ${file}; do :; done\r`);
  await wait(500);
  return await echoes(terminal);
}

/** Of another program, which ends with it; empty when there is none. */
async function busySpread(terminal: Terminal | undefined, file: string): Promise<string> {
  if (terminal === undefined) return '';
  const times = await echoesDuringOutput(terminal, file);
  terminal.close();
  return `p99 ${percentile(times, 0.99).toFixed(2)} ms, ${spread(times)}`;
}

async function echo(terminal: Terminal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('a key did not come back')), 10_000);
  terminal.onOutput = (bytes) => {
    if (bytes.includes(0x5a)) resolve();
  };
  const from = performance.now();
  terminal.type('Z');
  await promise.finally(() => clearTimeout(timer));
  return performance.now() - from;
}
