import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFileSite, type FileSite } from '#agent/files/testing/file-site.ts';
import { startAgent, untilServing, type AgentProcess } from '#agent/testing/agent-process.ts';
import { createAgentClient, panelActor, type AgentClient } from '#server/core/agent-client.ts';
import { newId } from '#server/core/id.ts';
import type { Log } from '#server/core/log.ts';

/*
 * Bytes of files between the panel's own client and the real agent in a process of its own, and the process of the site's user
 * behind it.
 */

const options = { actor: panelActor, requestId: 'bytes' };
const pieceBytes = 64 * 1024 ** 2;
const block = Buffer.alloc(64 * 1024, 'bytes of a file that are not all the same. ');
let files: FileSite;
let agent: AgentProcess;
let client: AgentClient;

beforeAll(async () => {
  files = await makeFileSite();
  await files.machine.settled();
  files.machine.close();
  agent = startAgent(files.world);
  await untilServing(files.world, agent);
  const log = { warn: () => undefined } as unknown as Log;
  client = createAgentClient({ agent: { mode: 'real', socketPath: files.world.settings.socketPath } }, log);
}, 40_000);
afterAll(async () => {
  client.close();
  agent.child.kill('SIGTERM');
  await agent.ended;
  files.world.destroy();
});

function blocks(bytes: number, sum?: ReturnType<typeof createHash>): Readable {
  let left = bytes;
  return new Readable({
    read() {
      const part = block.subarray(0, Math.min(left, block.length));
      left -= part.length;
      sum?.update(part);
      this.push(part.length === 0 ? null : part);
    },
  });
}

const statusOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
};
/** Most memory that the agent and its helpers ever held, in MB. */
function mostMemory(): number[] {
  const agentPid = String(agent.child.pid);
  const helpers = readdirSync('/proc').filter((pid) => /^PPid:\t(\d+)$/m.exec(statusOf(pid))?.[1] === agentPid);
  expect(helpers).toHaveLength(1);
  return [agentPid, ...helpers].map((pid) => Number(/^VmHWM:\s+(\d+)/m.exec(statusOf(pid))?.[1]) / 1024);
}

it('FILE-4 three pieces of 64 MB go in and come out as they are, and nobody holds more than a little of them', async () => {
  const uploadId = newId();
  const { site } = files;
  const sizeBytes = 3 * pieceBytes;
  const sum = createHash('sha256');
  await client.call('files.upload_begin', { site, uploadId, path: 'big', sizeBytes, onConflict: 'refuse' }, options);
  for (let offset = 0; offset < sizeBytes; offset += pieceBytes) {
    const sent = { stream: blocks(pieceBytes, sum), lengthBytes: pieceBytes };
    const wish = { site, uploadId, offset, lengthBytes: pieceBytes };
    expect((await client.send('files.upload_write', wish, sent, options)).receivedBytes).toBe(offset + pieceBytes);
  }
  const sha256 = sum.digest('hex');
  await client.call('files.upload_finish', { site, uploadId, sum: `sha256:${sha256}`, onConflict: 'refuse' }, options);
  const wish = { site, path: 'big', range: null, ifRange: null, withBytes: true };
  const { result, bytes } = await client.fetch('files.download', wish, options);
  expect(result.sizeBytes).toBe(sizeBytes);
  const back = createHash('sha256');
  for await (const piece of bytes as AsyncIterable<Buffer>) back.update(piece);
  expect(back.digest('hex')).toBe(sha256);
  for (const megabytes of mostMemory()) expect(megabytes).toBeLessThan(200);
}, 60_000);

it('FILE-4 a sender that goes away leaves what it sent, and a refusal comes before the bytes do', async () => {
  const uploadId = newId();
  const { site } = files;
  const sizeBytes = pieceBytes;
  await client.call('files.upload_begin', { site, uploadId, path: 'cut', sizeBytes, onConflict: 'refuse' }, options);
  const stream = new Readable({ read: () => undefined });
  stream.push(block);
  const work = client.send(
    'files.upload_write',
    { site, uploadId, offset: 0, lengthBytes: sizeBytes },
    { stream, lengthBytes: sizeBytes },
    options,
  );
  const received = async (): Promise<number> =>
    (await client.call('files.upload_state', { site, uploadId }, options)).receivedBytes;
  await expect.poll(received, { timeout: 10_000 }).toBe(block.length);
  stream.destroy();
  await expect(work).rejects.toMatchObject({ reason: 'agent_connection_lost' });
  const stuck = new Readable({ read: () => undefined });
  const refused = client.send(
    'files.upload_write',
    { site, uploadId, offset: 0, lengthBytes: sizeBytes },
    { stream: stuck, lengthBytes: sizeBytes },
    options,
  );
  await expect(refused).rejects.toMatchObject({
    reason: 'file_upload_offset',
    params: { receivedBytes: block.length },
  });
  await client.call('files.upload_drop', { site, uploadId }, options);
  // A body of bytes is for actions that take them, and those take no other.
  await expect(
    client.send('files.list' as 'files.upload_write', {} as never, { stream: blocks(10), lengthBytes: 10 }, options),
  ).rejects.toMatchObject({ reason: 'content_type' });
  await expect(client.call('files.upload_write', {} as never, options)).rejects.toMatchObject({
    reason: 'content_type',
  });
});

it('FILE-4 a download that nobody reads to its end is let go, and the next ones come through', async () => {
  const wish = { site: files.site, path: 'big', range: { first: 5, last: null }, ifRange: null, withBytes: true };
  for (let round = 0; round < 12; round++) {
    const { bytes } = await client.fetch('files.download', wish, options);
    if (bytes === null) throw new Error('no bytes');
    await once(bytes, 'readable');
    bytes.destroy();
  }
  const { bytes } = await client.fetch('files.download', { ...wish, range: { suffix: 3 } }, options);
  expect(Buffer.concat((await bytes?.toArray()) ?? []).length).toBe(3);
});
