// `node terminal-client.ts` with JSON on its standard input: opens a terminal as the page does, types, and prints what came.
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { fromTerminal, toTerminal, type TerminalHello } from '#shared/terminal-frames.ts';
import { terminalProtocol, terminalTicketPrefix } from '#shared/terminals.ts';

export type Visit = {
  readonly origin: string;
  readonly cookie: string;
  readonly terminalId: string;
  readonly key: string;
  readonly ticket: string;
  readonly from: number | null;
  readonly type: string;
  /** It leaves when this has come. */
  readonly until: string;
};
export type Visited = {
  readonly hello: TerminalHello | null;
  readonly text: string;
  readonly next: number;
  readonly code: number;
};

const visit = JSON.parse(await text(process.stdin)) as Visit;
const address = `${visit.origin.replace(/^http/, 'ws')}/api/v1/terminals/${visit.terminalId}/socket`;
const socket = new WebSocket(address, [terminalProtocol, terminalTicketPrefix + visit.ticket], {
  origin: visit.origin,
  headers: { cookie: visit.cookie },
  // The panel's own certificate: its fingerprint is compared in a test of its own.
  rejectUnauthorized: false,
});
const send = (type: number, rest: string): void => socket.send(Buffer.concat([Buffer.from([type]), Buffer.from(rest)]));
let hello: TerminalHello | null = null;
let seen = Buffer.alloc(0);
socket.on('open', () => {
  send(toTerminal.attach, JSON.stringify({ key: visit.key, from: visit.from, cols: 200, rows: 30 }));
  if (visit.type !== '') send(toTerminal.input, visit.type);
});
socket.on('message', (message: Buffer) => {
  const rest = message.subarray(1);
  if (message[0] === fromTerminal.hello) hello = JSON.parse(rest.toString()) as TerminalHello;
  if (message[0] === fromTerminal.output) seen = Buffer.concat([seen, rest]);
  if (visit.until !== '' && seen.toString().includes(visit.until)) socket.close();
});
socket.on('error', (error) => console.error(error.message));
socket.on('close', (code) => {
  const visited: Visited = { hello, text: seen.toString(), next: (hello?.from ?? 0) + seen.length, code };
  console.log(JSON.stringify(visited));
});
setTimeout(() => socket.terminate(), 20_000).unref();
