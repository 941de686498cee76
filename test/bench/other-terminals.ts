import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { until } from './panel-process.ts';
import { openWire, type OnPart, type Wire } from './wire.ts';

/*
 * The same shell behind ttyd and behind Cockpit, each spoken to over its WebSocket as its own page does. Undefined where the
 * program is not installed.
 */

export type Terminal = {
  type(text: string): void;
  /** Called with what came, until it is set anew. */
  onOutput: (bytes: Buffer) => void;
  close(): void;
};

export const terminalSize = { cols: 120, rows: 40 };
const shell = ['/bin/bash', '-l'];
const environment = { PATH: '/usr/bin:/bin', TERM: 'xterm-256color' };
const ttydPort = 15475;
const cockpitPort = 15476;

export async function startTtyd(): Promise<Terminal | undefined> {
  const program = firstOf('/usr/bin/ttyd', '/usr/local/bin/ttyd');
  if (program === undefined) return undefined;
  const args = ['--port', String(ttydPort), '--interface', '127.0.0.1', '--writable', ...shell];
  const server = spawn(program, args, { stdio: 'ignore', env: environment });
  let isOutput = false;
  const wire = await connected('ttyd', server, { port: ttydPort, path: '/ws', protocols: ['tty'] }, (part, isFirst) => {
    // `0` is output; the others are a title and wishes of the person.
    if (isFirst) isOutput = part[0] === 0x30;
    if (isOutput) terminal.onOutput(isFirst ? part.subarray(1) : part);
  });
  const terminal = held(server, wire, (text) => wire.send(Buffer.from(`0${text}`)));
  const { cols: columns, rows } = terminalSize;
  wire.send(JSON.stringify({ AuthToken: '', columns, rows }));
  return terminal;
}

/** Without a log-in: the bridge is that of whoever runs this. */
export async function startCockpit(): Promise<Terminal | undefined> {
  const program = firstOf('/usr/lib/cockpit/cockpit-ws', '/usr/libexec/cockpit-ws');
  const bridge = firstOf('/usr/bin/cockpit-bridge');
  if (program === undefined || bridge === undefined) return undefined;
  const origin = `http://127.0.0.1:${cockpitPort}`;
  const args = ['--no-tls', '--address=127.0.0.1', `--port=${cockpitPort}`, `--local-session=${bridge}`];
  const server = spawn(program, args, { stdio: 'ignore', env: { ...environment, HOME: '/root' } });
  // A message begins with the name of its channel and a line feed; without a name it is a command.
  const channel = Buffer.from('terminal\n');
  const greeted = Promise.withResolvers<void>();
  let told: string | undefined;
  const onPart: OnPart = (part, isFirst, isLast) => {
    if (isFirst) told = part[0] === 0x0a ? '' : undefined;
    if (told === undefined) return terminal?.onOutput(isFirst ? part.subarray(channel.length) : part);
    told += part.toString();
    if (isLast) take(JSON.parse(told) as { command: string });
  };
  const take = (message: { command: string }): void => {
    if (message.command === 'init') greeted.resolve();
    // Asked now and then: what came so far was taken.
    else if (message.command === 'ping') command({ ...message, command: 'pong' });
  };
  const address = { port: cockpitPort, path: '/cockpit/socket', protocols: ['cockpit1'], headers: { Origin: origin } };
  const wire = await connected('Cockpit', server, address, onPart);
  const command = (value: object): void => wire.send(`\n${JSON.stringify(value)}`);
  const terminal = held(server, wire, (text) => wire.send(Buffer.concat([channel, Buffer.from(text)])));
  await greeted.promise;
  command({ command: 'init', version: 1 });
  command({
    command: 'open',
    channel: 'terminal',
    payload: 'stream',
    binary: 'raw',
    spawn: shell,
    environ: ['TERM=xterm-256color'],
    pty: true,
    window: terminalSize,
  });
  return terminal;
}

function firstOf(...paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}

/** As soon as it listens. */
async function connected(
  what: string,
  server: ChildProcess,
  address: Parameters<typeof openWire>[0],
  onPart: OnPart,
): Promise<Wire> {
  return await until(what, async () => {
    if (server.exitCode !== null) throw new Error(`${what} ended with ${server.exitCode}`);
    return await openWire(address, onPart).catch(() => undefined);
  });
}

/** Server and shell end with the connection. */
function held(server: ChildProcess, wire: Wire, type: Terminal['type']): Terminal {
  return {
    type,
    onOutput: () => undefined,
    close() {
      wire.end();
      server.kill('SIGKILL');
    },
  };
}
