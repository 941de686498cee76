import { text } from 'node:stream/consumers';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../core/machine.ts';
import { startProgram } from '../core/run.ts';
import { outsideArgs } from '../machine-settings/outside.ts';
import type { HomeAnswer, HomeWork } from './home-worker.ts';

const timeoutMs = 20_000;

/** Asks a process of its own, outside our sandbox, about the home of one user. Throws what it answers. */
export async function askHome<V extends keyof HomeWork>(
  machine: Pick<Machine, 'settings' | 'hasSystemd' | 'prefix'>,
  verb: V,
  wish: Parameters<HomeWork[V]>[0],
): Promise<Awaited<ReturnType<HomeWork[V]>>> {
  const path = homePath(machine.prefix, wish.path);
  const [node, ...script] = machine.settings.program;
  const [program, ...args] = outsideArgs(machine, node, [...script, '--account-home'], timeoutMs);
  const started = startProgram(program, args, { stdin: 'pipe', timeoutMs: timeoutMs + 5_000 });
  started.stdin.end(JSON.stringify({ verb, wish: { ...wish, path } }));
  const [said, { stderr }] = await Promise.all([text(started.stdout), started.ended]);
  const answer = answerIn(said);
  if (answer === undefined)
    throw new AppError('internal', 'The home could not be worked on.', {
      reason: 'account_home_failed',
      params: { message: stderr.trim().slice(-300) },
    });
  if (answer.ok) return answer.result as Awaited<ReturnType<HomeWork[V]>>;
  const { code, message, reason, params } = answer.error;
  throw new AppError(code, message, { ...(reason === undefined ? {} : { reason }), params });
}

function answerIn(said: string): HomeAnswer | undefined {
  try {
    return JSON.parse(said) as HomeAnswer;
  } catch {
    return undefined;
  }
}

/** By passwd(5), which others may have written: a whole path, no way up, and no folder of the system's own. */
function homePath(prefix: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (
    !path.startsWith('/') ||
    parts.length < 2 ||
    parts.some((part) => part === '.' || part === '..') ||
    path.includes('\0')
  )
    throw new AppError('not_allowed', 'The home is not the user’s own folder.', { reason: 'account_home_unfit' });
  return `${prefix}/${parts.join('/')}`;
}
