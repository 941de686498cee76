import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';

/*
 * What the agent says to the process of a terminal, over a socket that is root's alone: one line of JSON there, one back.
 */

const wish = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('state') }),
  z.strictObject({ verb: z.literal('close') }),
  z.strictObject({ verb: z.literal('key'), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
]);
type Wish = z.infer<typeof wish>;

const state = z.object({ isAttached: z.boolean(), hasEnded: z.boolean() });
export type ControlState = z.infer<typeof state>;
const closed = z.object({ isGone: z.boolean() });

type Control = {
  readonly state: () => ControlState;
  readonly addKey: (hash: string) => void;
  /** True when nothing of it is left. */
  readonly close: () => Promise<boolean>;
};

export function listenForControl(socket: Socket, control: Control): void {
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket }).once('line', (line) => {
    answer(control, line).then(
      (told) => socket.end(`${JSON.stringify(told)}\n`),
      () => socket.destroy(),
    );
  });
}

async function answer(control: Control, line: string): Promise<object> {
  const wanted = wish.parse(JSON.parse(line));
  if (wanted.verb === 'close') return { isGone: await control.close() };
  if (wanted.verb === 'key') control.addKey(wanted.hash);
  return control.state();
}

export async function askState(path: string): Promise<ControlState> {
  return state.parse(await askControl(path, { verb: 'state' }, 2_000));
}

export async function giveKey(path: string, hash: string): Promise<ControlState> {
  return state.parse(await askControl(path, { verb: 'key', hash }, 2_000));
}

/** True when nothing of it is left. */
export async function askToClose(path: string): Promise<boolean> {
  return closed.parse(await askControl(path, { verb: 'close' }, 8_000)).isGone;
}

async function askControl(path: string, wanted: Wish, timeoutMs: number): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ path }, () => socket.write(`${JSON.stringify(wanted)}\n`));
    const fail = (cause?: unknown): void => {
      socket.destroy();
      reject(new AppError('not_found', 'The terminal does not answer.', { reason: 'terminal_gone', cause }));
    };
    socket.setTimeout(timeoutMs, fail);
    socket.once('error', fail).once('close', () => fail());
    createInterface({ input: socket })
      .on('error', () => undefined)
      .once('line', (line) => {
        resolve(JSON.parse(line));
        socket.destroy();
      });
  });
}
