// An application of the server's owner: answers HTTP with the host it was asked for, and echoes over WebSocket.
// Arguments: port. Plain JavaScript without packages: the private Node of the machine runs it.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.end(`upstream saw ${request.headers.host} from ${request.headers['x-forwarded-for']}`);
});

server.on('upgrade', (request, socket) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('error', () => socket.destroy());
  socket.on('data', (frame) => {
    // One masked text frame under 126 bytes is all that the test sends.
    const length = frame[1] & 0x7f;
    const mask = frame.subarray(2, 6);
    const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]));
    const answer = Buffer.from(`echo ${text}`);
    socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer]));
  });
});

server.listen(Number(process.argv[2]), '127.0.0.1');
