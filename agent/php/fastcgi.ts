import { connect } from 'node:net';

/*
 * As much of FastCGI 1.0 as asking a pool takes: https://fastcgi-archives.github.io/FastCGI_Specification.html
 */

const version = 1;
const type = { begin: 1, end: 3, params: 4, stdin: 5, stdout: 6 } as const;
const maxAnswerBytes = 512 * 1024;

/** Body of the answer to a GET through a pool's socket; undefined when nobody answers in time. */
export async function askPool(
  socketPath: string,
  script: string,
  query: string,
  timeoutMs: number,
): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (answer: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    socket.on('connect', () => socket.write(requestFor(script, query)));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxAnswerBytes) end(undefined);
    });
    socket.on('error', () => end(undefined));
    socket.on('end', () => end(bodyOf(Buffer.concat(chunks))));
  });
}

function requestFor(script: string, query: string): Buffer {
  const params = {
    SCRIPT_NAME: script,
    SCRIPT_FILENAME: script,
    REQUEST_URI: query === '' ? script : `${script}?${query}`,
    REQUEST_METHOD: 'GET',
    QUERY_STRING: query,
    SERVER_PROTOCOL: 'HTTP/1.1',
    GATEWAY_INTERFACE: 'CGI/1.1',
  };
  const pairs = Object.entries(params).map(([name, value]) =>
    Buffer.from([name.length, value.length, ...Buffer.from(name + value, 'latin1')]),
  );
  const responder = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([
    record(type.begin, responder),
    record(type.params, Buffer.concat(pairs)),
    record(type.params, Buffer.alloc(0)),
    record(type.stdin, Buffer.alloc(0)),
  ]);
}

function record(kind: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([version, kind, 0, 1, content.length >> 8, content.length & 0xff, 0, 0]), content]);
}

function bodyOf(bytes: Buffer): string | undefined {
  const output: Buffer[] = [];
  let isWhole = false;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 4);
    const kind = bytes[at + 1];
    if (kind === type.stdout) output.push(bytes.subarray(at + 8, at + 8 + length));
    if (kind === type.end) isWhole = true;
    at += 8 + length + (bytes[at + 6] ?? 0);
  }
  const text = Buffer.concat(output).toString('utf8');
  const body = text.indexOf('\r\n\r\n');
  return isWhole && body >= 0 ? text.slice(body + 4) : undefined;
}
