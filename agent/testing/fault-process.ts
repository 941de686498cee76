import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { AgentActionName } from '#shared/agent/index.ts';
import { environmentOf } from '../../test/testing/bundle-program.ts';
import type { AgentSettings } from '../core/machine.ts';

export type Reply = { readonly result?: Record<string, unknown>; readonly error?: string };

/** A running `fault-child.ts`. */
export type FaultProcess = {
  readonly recovered: readonly { changeId: string; outcome: string }[];
  /** How long taking the state and repairing it took, without the start of Node. */
  readonly recoveryMs: number;
  readonly points: readonly string[];
  /** The journal has taken up a change, or the process has died before. */
  readonly begun: Promise<void>;
  /** undefined: it died before it answered. */
  ask(action: AgentActionName, params: unknown): Promise<Reply | undefined>;
  kill(): Promise<void>;
  readonly ended: Promise<void>;
};

export async function startFaultProcess(
  program: string,
  settings: AgentSettings,
  killAt: number | null = null,
): Promise<FaultProcess> {
  const child: ChildProcess = spawn(process.execPath, [program, JSON.stringify({ settings, killAt })], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environmentOf(program),
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const points: string[] = [];
  const begun = Promise.withResolvers<void>();
  void ended.then(begun.resolve);
  const waiting = new Map<number, (reply: Reply) => void>();
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
  child.stdin?.on('error', () => undefined);
  type Ready = { recovered: { changeId: string; outcome: string }[]; ms: number };
  const ready = await new Promise<Ready>((resolve, reject) => {
    void ended.then(() => reject(new Error(`the agent did not start: ${errors}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as Ready & { point?: string; ready?: boolean; id?: number } & Reply;
      if (told.ready === true) resolve(told);
      else if (told.point !== undefined) {
        points.push(told.point);
        begun.resolve();
      } else if (told.id !== undefined) waiting.get(told.id)?.(told);
    });
  });
  let count = 0;
  return {
    recovered: ready.recovered,
    recoveryMs: ready.ms,
    points,
    begun: begun.promise,
    ended,
    async ask(action, params) {
      const id = ++count;
      const answered = new Promise<Reply>((resolve) => waiting.set(id, resolve));
      child.stdin?.write(`${JSON.stringify({ id, action, params })}\n`);
      return await Promise.race([answered, ended.then(() => undefined)]);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
