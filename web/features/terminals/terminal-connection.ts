import {
  fromTerminal,
  maxFrameBytes,
  toTerminal,
  type TerminalAttach,
  type TerminalHello,
} from '#shared/terminal-frames.ts';
import {
  terminalCloseCodes,
  terminalProtocol,
  terminalsApi,
  terminalTicketPrefix,
  type TerminalSize,
} from '#shared/terminals.ts';
import { call, urlOf } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';
import { forgetKey, keepKey, readKey } from './terminal-keys.ts';

/** `waiting`: it broke and is tried again. The last four stay until the person does something. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'displaced' | 'ended' | 'gone' | 'refused';

export type TerminalScreen = {
  readonly size: () => TerminalSize;
  /** Shows bytes; `shown` is called when they are drawn. `isOld`: they were answered already, when they were new. */
  readonly write: (bytes: Uint8Array, isOld: boolean, shown: () => void) => void;
  /** What was shown is not what comes next: `lost` bytes are kept no longer. */
  readonly restart: (lost: number) => void;
  readonly onState: (state: ConnectionState) => void;
};

export type TerminalConnection = {
  type(text: string | Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Tries at once: the person asks for it. */
  connect(): void;
  close(): void;
};

const firstWaitMs = 500;
const mostWaitMs = 8_000;
/** So much is drawn before the terminal hears of it, or everything that has come. */
const acknowledgeBytes = 64 * 1024;
const encoder = new TextEncoder();

/** A connection to one terminal that comes back by itself and goes on at the very byte where it broke. */
export function openConnection(terminalId: string, screen: TerminalScreen): TerminalConnection {
  let socket: WebSocket | undefined;
  let isClosed = false;
  let waitMs = firstWaitMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Number of the byte that comes next; null: nothing has come. */
  let next: number | null = null;
  let oldEnd = 0;
  let acknowledged = 0;
  let attempt = 0;

  function send(type: number, rest: Uint8Array): void {
    if (socket?.readyState !== WebSocket.OPEN) return;
    const message = new Uint8Array(rest.length + 1);
    message[0] = type;
    message.set(rest, 1);
    socket.send(message);
  }
  const sendJson = (type: number, value: unknown): void => send(type, encoder.encode(JSON.stringify(value)));

  async function connect(): Promise<void> {
    clearTimeout(timer);
    socket?.close();
    const own = (attempt += 1);
    const isStale = (): boolean => isClosed || own !== attempt;
    screen.onState(next === null ? 'connecting' : 'waiting');
    let key: string;
    let ticket: string;
    try {
      key = readKey(terminalId) ?? (await enter());
      ({ ticket } = await call(terminalsApi.ticket, { params: { terminalId } }));
    } catch (error) {
      if (!isStale()) fail(error);
      return;
    }
    if (isStale()) return;
    const url = new URL(urlOf(terminalsApi.connect, { params: { terminalId } }), location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const opened = new WebSocket(url, [terminalProtocol, terminalTicketPrefix + ticket]);
    socket = opened;
    opened.binaryType = 'arraybuffer';
    opened.addEventListener('open', () => {
      const wish: TerminalAttach = { key, from: next, ...screen.size() };
      sendJson(toTerminal.attach, wish);
    });
    opened.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      if (!isStale()) take(new Uint8Array(data));
    });
    opened.addEventListener('close', ({ code }) => {
      if (!isStale()) over(code);
    });
  }

  async function enter(): Promise<string> {
    const { key } = await call(terminalsApi.enter, { params: { terminalId } });
    keepKey(terminalId, key);
    return key;
  }

  function take(message: Uint8Array): void {
    const rest = message.subarray(1);
    if (message[0] === fromTerminal.hello) {
      const { from, end, lost } = JSON.parse(new TextDecoder().decode(rest)) as TerminalHello;
      if (next !== from && (next !== null || from > 0)) screen.restart(next === null ? from : lost);
      if (next === null || next !== from) oldEnd = end;
      next = from;
      acknowledged = from;
      waitMs = firstWaitMs;
      screen.onState('open');
    } else if (message[0] === fromTerminal.output && next !== null) {
      const isOld = next < oldEnd;
      const upTo = (next += rest.length);
      const from = socket;
      screen.write(rest, isOld, () => {
        if (socket !== from || (upTo - acknowledged < acknowledgeBytes && upTo !== next)) return;
        acknowledged = upTo;
        sendJson(toTerminal.acknowledge, upTo);
      });
    } else if (message[0] === fromTerminal.exit) screen.onState('ended');
  }

  function over(code: number): void {
    socket = undefined;
    if (code === terminalCloseCodes.displaced) return screen.onState('displaced');
    if (code === terminalCloseCodes.ended) return screen.onState('ended');
    // The key is of a terminal that was there before, or too many others came after it.
    if (code === terminalCloseCodes.key) forgetKey(terminalId);
    later();
  }

  function later(): void {
    screen.onState('waiting');
    timer = setTimeout(() => void connect(), waitMs);
    waitMs = Math.min(mostWaitMs, waitMs * 2);
  }

  function fail(error: unknown): void {
    if (error instanceof ApiError && error.code === 'not_found') {
      forgetKey(terminalId);
      return screen.onState('gone');
    }
    const isFinal =
      error instanceof ApiError && ['elevation_required', 'not_allowed', 'not_signed_in'].includes(error.code);
    if (isFinal) screen.onState('refused');
    else later();
  }

  const online = (): void => {
    if (socket === undefined && timer !== undefined) void connect();
  };
  addEventListener('online', online);
  void connect();
  return {
    type(text) {
      const bytes = typeof text === 'string' ? encoder.encode(text) : text;
      for (let at = 0; at < bytes.length; at += maxFrameBytes)
        send(toTerminal.input, bytes.subarray(at, at + maxFrameBytes));
    },
    resize: (size) => sendJson(toTerminal.resize, size),
    connect() {
      waitMs = firstWaitMs;
      void connect();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      removeEventListener('online', online);
      socket?.close();
    },
  };
}
