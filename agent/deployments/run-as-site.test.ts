import { expect, it } from 'vitest';
import { listenAbstract } from '../testing/abstract-sockets.ts';
import { runAsSite } from './run-as-site.ts';

it('SITE-2 a program that a repository decides about reaches no abstract socket of others, where the kernel can keep it from that', async () => {
  const socket = await listenAbstract();
  const [program, ...args] = socket.command;
  let said = '';
  const { code } = await runAsSite(
    { hasSystemd: false, isRoot: false },
    { uid: 0, gid: 0 },
    {
      program,
      args,
      cwd: '/',
      environment: {},
      writable: [],
      unit: 'none',
      timeoutMs: 10_000,
      memoryMb: 256,
      maxFileBytes: 1_024,
      onOutput: (chunk) => {
        said += chunk.toString();
      },
    },
  ).finally(socket.close);
  expect([code, said]).toEqual([0, socket.kept]);
});
