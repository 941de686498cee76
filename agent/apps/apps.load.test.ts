import { mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { measureLoad } from './apps.load.ts';

/** Connections that are taken and stay open. */
async function hold(server: Server, where: { port: number; host: string } | { path: string }, count: number) {
  let taken = 0;
  const all = Promise.withResolvers<void>();
  const sockets: Socket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    if (++taken === count) all.resolve();
  });
  for (let each = 0; each < count; each++) sockets.push(connect(where));
  await all.promise;
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
}

const listen = async (where: { port: number; host: string } | { path: string }): Promise<Server> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(where, resolve));
  onTestFinished(() => void server.close());
  return server;
};

it('open files and connections are those of the processes, each counted once, and what is gone is not known', async () => {
  const before = measureLoad([process.pid]);
  const files = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
  onTestFinished(() => files.forEach(closeSync));
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-load-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tcp = await listen({ port: 0, host: '127.0.0.1' });
  await hold(tcp, { port: (tcp.address() as AddressInfo).port, host: '127.0.0.1' }, 5);
  const unix = await listen({ path: `${folder}/a.sock` });
  await hold(unix, { path: `${folder}/a.sock` }, 3);
  const now = measureLoad([process.pid]);
  const more = (name: 'openFiles' | 'connections'): number => (now[name] ?? 0) - (before[name] ?? 0);
  // Both ends of TCP are this process's, of the Unix socket only the end that was taken counts.
  expect(more('connections')).toBe(5 * 2 + 3);
  expect(more('openFiles')).toBeGreaterThanOrEqual(20 + 2 + (5 + 3) * 2);
  expect(measureLoad([process.pid, process.pid]).connections).toBe(now.connections);
  expect(measureLoad([])).toEqual({ openFiles: null, connections: null });
  expect(measureLoad([2 ** 22 + 1])).toEqual({ openFiles: null, connections: null });
});
