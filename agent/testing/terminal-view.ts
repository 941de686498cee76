import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReachedTerminal } from '#shared/agent/terminals.ts';
import {
  createFrameReader,
  encodeFrame,
  encodeJsonFrame,
  fromTerminal,
  toTerminal,
  type TerminalHello,
} from '#shared/terminal-frames.ts';

/* A terminal, reached as the web process reaches it. */

export const viewSize = { cols: 100, rows: 30 };
export type Opened = { readonly key: string; readonly terminal: ReachedTerminal };

/** What somebody sees who looks at a terminal. */
export type View = {
  readonly socket: Socket;
  /** Everything that came, by the number of its first byte. */
  readonly seen: () => { from: number; bytes: Buffer };
  readonly types: number[];
  readonly hello: () => TerminalHello | undefined;
  type(text: string): void;
  acknowledge(): void;
  until(text: string): Promise<string>;
  readonly closed: Promise<void>;
};

/** `isReading: false`: it says never that it has shown anything. */
export function attach({ terminal, key }: Opened, from: number | null = null, isReading = true): View {
  const socket = connect({ path: terminal.socketPath });
  const types: number[] = [];
  let hello: TerminalHello | undefined;
  let chunks: Buffer[] = [];
  let length = 0;
  const acknowledge = (): void =>
    void socket.write(encodeJsonFrame(toTerminal.acknowledge, (hello?.from ?? 0) + length));
  const read = createFrameReader((type, rest) => {
    types.push(type);
    if (type === fromTerminal.hello) hello = JSON.parse(Buffer.from(rest).toString()) as TerminalHello;
    if (type !== fromTerminal.output) return;
    chunks.push(Buffer.from(rest));
    length += rest.length;
    if (isReading) acknowledge();
  });
  socket.on('data', read);
  socket.on('error', () => undefined);
  socket.write(encodeJsonFrame(toTerminal.attach, { key, from, ...viewSize }));
  const seen = () => {
    chunks = [Buffer.concat(chunks)];
    return { from: hello?.from ?? 0, bytes: chunks[0] ?? Buffer.alloc(0) };
  };
  return {
    socket,
    seen,
    types,
    hello: () => hello,
    acknowledge,
    type: (text) => void socket.write(encodeFrame(toTerminal.input, Buffer.from(text))),
    async until(text) {
      for (const end = Date.now() + 15_000; Date.now() < end; await wait(10)) {
        const last = Buffer.concat(chunks.slice(-50)).toString();
        if (last.includes(text)) return last;
      }
      throw new Error(`no ${text} in ${seen().bytes.toString().slice(-500)}`);
    },
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}
