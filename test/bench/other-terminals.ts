import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { WebSocket } from 'ws';
import { until } from './panel-process.ts';

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
  const socket = await connected('ttyd', server, () => new WebSocket(`ws://127.0.0.1:${ttydPort}/ws`, ['tty'], plain));
  const terminal = held(server, socket, (text) => socket.send(Buffer.from(`0${text}`)));
  // `0` is output; the others are a title and wishes of the person.
  socket.on('message', (message: Buffer) => {
    if (message[0] === 0x30) terminal.onOutput(message.subarray(1));
  });
  socket.resume();
  const { cols: columns, rows } = terminalSize;
  socket.send(JSON.stringify({ AuthToken: '', columns, rows }));
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
  const socket = await connected(
    'Cockpit',
    server,
    () => new WebSocket(`ws://127.0.0.1:${cockpitPort}/cockpit/socket`, ['cockpit1'], { ...plain, origin }),
  );
  // A message begins with the name of its channel and a line feed; without a name it is a command.
  const channel = Buffer.from('terminal\n');
  const command = (value: object): void => socket.send(`\n${JSON.stringify(value)}`);
  const terminal = held(server, socket, (text) => socket.send(Buffer.concat([channel, Buffer.from(text)])));
  const greeted = Promise.withResolvers<void>();
  socket.on('message', (message: Buffer) => {
    if (message[0] !== 0x0a) return terminal.onOutput(message.subarray(channel.length));
    const told = JSON.parse(message.toString()) as { command: string };
    if (told.command === 'init') greeted.resolve();
    // Asked now and then: what came so far was taken.
    else if (told.command === 'ping') command({ ...told, command: 'pong' });
  });
  socket.resume();
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

const plain = { perMessageDeflate: false };

function firstOf(...paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}

/** Paused, so that nothing comes before it is listened to. */
async function connected(what: string, server: ChildProcess, open: () => WebSocket): Promise<WebSocket> {
  return await until(what, async () => {
    if (server.exitCode !== null) throw new Error(`${what} ended with ${server.exitCode}`);
    const socket = open();
    return await new Promise<WebSocket | undefined>((resolve) => {
      socket.once('open', () => {
        socket.pause();
        resolve(socket);
      });
      socket.once('error', () => resolve(undefined));
    });
  });
}

/** Server and shell end with the connection. */
function held(server: ChildProcess, socket: WebSocket, type: Terminal['type']): Terminal {
  return {
    type,
    onOutput: () => undefined,
    close() {
      socket.terminate();
      server.kill('SIGKILL');
    },
  };
}
