import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/*
 * A WebSocket (RFC 6455) that takes as little of the processor as it can: what is measured shares two cores with its client, and with
 * a library that allocates what it reads the client's collector took up to half a second for each 100 MB.
 */

export type Wire = {
  /** A text is sent as such, bytes as binary. */
  send(message: string | Buffer): void;
  end(): void;
};

/**
 * Called with each part of a message as it comes; the bytes are others as soon as it returns. The first part has 16 bytes at
 * least, or is the whole message.
 */
export type OnPart = (part: Buffer, isFirst: boolean, isLast: boolean) => void;

type Address = {
  readonly port: number;
  readonly path: string;
  readonly protocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
};

const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const readBytes = 256 * 1024;
const firstPartBytes = 16;
/** What is kept of one reading for the next lies before it: a head, and what a control frame may have. */
const room = 160;

/** Throws when nobody listens there, or will not speak so. */
export async function openWire({ port, path, protocols, headers = {} }: Address, onPart: OnPart): Promise<Wire> {
  const bytes = Buffer.allocUnsafeSlow(room + readBytes);
  const opened = Promise.withResolvers<void>();
  let isOpen = false;
  let kept = 0;
  let left = 0;
  let isFirst = true;
  let isFinal = true;

  const socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: bytes.subarray(room),
      callback(length) {
        if (isOpen) takeFrames(room - kept, room + length);
        else takeAnswer(length);
        return true;
      },
    },
  });
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: ${protocols.join(', ')}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const fail = (): void => opened.reject(new Error(`no WebSocket at port ${port}`));
  socket.on('error', fail).on('close', fail);

  /** The whole head of the answer comes at once: it is a few hundred bytes. */
  function takeAnswer(length: number): void {
    const text = bytes.toString('latin1', room, room + length);
    const end = text.indexOf('\r\n\r\n');
    if (end < 0 || !text.startsWith('HTTP/1.1 101 ')) {
      fail();
      socket.destroy();
      return;
    }
    isOpen = true;
    opened.resolve();
    takeFrames(room + end + 4, room + length);
  }

  function takeFrames(from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (left === 0) {
        const next = takeHead(at, to);
        if (next === undefined) break;
        at = next;
        continue;
      }
      const size = Math.min(left, to - at);
      left -= size;
      onPart(bytes.subarray(at, at + size), isFirst, isFinal && left === 0);
      isFirst = false;
      at += size;
    }
    kept = to - at;
    if (kept > 0) bytes.copyWithin(room - kept, at, to);
  }

  /** Where it goes on; undefined: more has to come first. */
  function takeHead(at: number, to: number): number | undefined {
    if (to - at < 2) return undefined;
    const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
    const more = { 126: 2, 127: 8 }[second] ?? 0;
    const body = at + 2 + more;
    if (to < body) return undefined;
    const length =
      more === 0 ? second : more === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    const opcode = first & 0x0f;
    const isControl = opcode >= opcodes.close;
    if (to - body < (isControl ? length : Math.min(length, firstPartBytes))) return undefined;
    if (isControl) {
      if (opcode === opcodes.ping) send(opcodes.pong, bytes.subarray(body, body + length));
      return body + length;
    }
    left = length;
    isFinal = (first & 0x80) !== 0;
    // 0: the message goes on.
    if (opcode !== 0) isFirst = true;
    return body;
  }

  /** A client masks what it sends, and the mask may be any: with this one nothing changes. */
  function send(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
    socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...size, 0, 0, 0, 0]), payload]));
  }

  await opened.promise;
  return {
    send: (message) =>
      typeof message === 'string' ? send(opcodes.text, Buffer.from(message)) : send(opcodes.binary, message),
    end: () => socket.destroy(),
  };
}
