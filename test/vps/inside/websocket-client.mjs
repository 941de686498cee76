// websocket-client.mjs ADDRESS HOST TEXT: opens a WebSocket at ADDRESS:80 under the name HOST, sends TEXT and prints the
// answer. By hand on a socket, because the name must not be looked up.
import { connect } from 'node:net';

const [address, host, text] = process.argv.slice(2);
const socket = connect(80, address);
socket.setTimeout(5_000, () => socket.destroy(new Error('no answer in time')));
socket.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
socket.write(
  `GET /socket HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
);
let seen = Buffer.alloc(0);
let isOpen = false;
socket.on('data', (chunk) => {
  seen = Buffer.concat([seen, chunk]);
  if (!isOpen) {
    const end = seen.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = seen.subarray(0, end).toString();
    if (!head.startsWith('HTTP/1.1 101') || !head.includes('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')) {
      console.error(head);
      process.exit(1);
    }
    isOpen = true;
    seen = seen.subarray(end + 4);
    const payload = Buffer.from(text);
    const mask = Buffer.from([1, 2, 3, 4]);
    const masked = payload.map((byte, index) => byte ^ mask[index % 4]);
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]));
  }
  if (seen.length >= 2 && seen.length >= 2 + seen[1]) {
    console.log(seen.subarray(2, 2 + seen[1]).toString());
    process.exit(0);
  }
});
