import { createServer as createHttpServer, type Server } from 'node:http';
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../features/doors/testing.ts';
import { createListener, PortInUseError, type DoorsListener } from './doors-listener.ts';
import { withCertificates } from './testing/certificates.ts';

const pair = withCertificates((make) => make.selfSigned('DNS:localhost'));

let listener: DoorsListener | undefined;
afterEach(async () => {
  listener?.destroy();
  await listener?.close();
  listener = undefined;
});

function listen(server: Server): DoorsListener {
  listener = createListener({
    server,
    host: '127.0.0.1',
    onPlain: (_request, response) => response.writeHead(308, { connection: 'close' }).end(),
  });
  return listener;
}
const hello = () => createHttpServer((_request, response) => response.end('hello'));

/** What comes back until the connection ends. */
function talk(port: number, pieces: readonly string[], tls = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('latin1').on('data', (part: string) => (received += part));
    socket.on('error', () => undefined).on('close', () => resolve(received));
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      const [first = '', ...rest] = pieces;
      socket.write(first, () => {
        for (const piece of rest) socket.write(piece);
      });
    });
  });
}
const request = ['GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'];

describe('several ports before one server', () => {
  it('listens on exactly the ports it was told, and a taken one changes nothing', async () => {
    const [first, second, taken] = [await freePort(), await freePort(), await freePort()];
    const doors = listen(hello());
    await doors.setPorts([first]);
    const other = createServer().listen(taken, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    await expect(doors.setPorts([first, second, taken])).rejects.toThrow(PortInUseError);
    expect(await talk(first, request)).toContain('hello');
    expect(await talk(second, request)).toBe('');
    await doors.setPorts([second]);
    expect(await talk(second, request)).toContain('hello');
    expect(await talk(first, request)).toBe('');
    await new Promise((resolve) => other.close(resolve));
  });

  it('slow requests are cut as on a server that listens by itself', async () => {
    const port = await freePort();
    const server = createHttpServer({ headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 100 });
    await listen(server).setPorts([port]);
    expect(await talk(port, ['GET / HTTP/1.1\r\nHost: a\r\n'])).toContain('408 Request Timeout');
  });
});

describe('TLS and plain HTTP by the first byte', () => {
  it('both are answered, whole or byte by byte, and many at once', async () => {
    const port = await freePort();
    const doors = listen(hello());
    doors.setPair(pair);
    await doors.setPorts([port]);
    const bytes = Array.from(request.join(''));
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        index % 2 === 0
          ? await talk(port, index % 4 === 0 ? request : bytes, true)
          : await talk(port, index % 3 === 0 ? request : bytes),
      ),
    );
    for (const [index, answer] of answers.entries()) expect(answer).toContain(index % 2 === 0 ? 'hello' : ' 308 ');
  });

  it('without a certificate plain HTTP is served, and with one again TLS', async () => {
    const port = await freePort();
    const doors = listen(hello());
    await doors.setPorts([port]);
    expect(await talk(port, request)).toContain('hello');
    doors.setPair(pair);
    expect(await talk(port, request)).toContain(' 308 ');
    expect(await talk(port, request, true)).toContain('hello');
    expect(() => doors.setPair({ certificate: pair.certificate, key: 'nothing' })).toThrow();
    expect(await talk(port, request, true)).toContain('hello');
    doors.setPair(null);
    expect(await talk(port, request)).toContain('hello');
  });
});
