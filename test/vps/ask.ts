// Requests of a visitor with an address of their own, through one process in their network namespace (asker.ts).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { NumberedAnswer, NumberedQuestion, Question } from './asker.ts';
import { namespacePath, type World } from './world.ts';

type Asker = (question: Question) => Promise<string>;

const askers = new Map<string, Asker>();

/** Answers what `curl -i` would print; empty where nobody answers. */
export async function ask(world: World, question: Question): Promise<string> {
  const asker = askers.get(world.id) ?? startAsker(world);
  askers.set(world.id, asker);
  return await asker(question);
}

/** Ends with this process, however that ends. */
function startAsker(world: World): Asker {
  const enter = ['--pdeathsig', 'KILL', '--', 'nsenter', `--net=${namespacePath(world, 'client')}`, '--'];
  const program = [process.execPath, join(import.meta.dirname, 'asker.ts')];
  const child = spawn('setpriv', [...enter, ...program], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
  const waiting = new Map<number, PromiseWithResolvers<string>>();
  let id = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as NumberedAnswer;
    waiting.get(answer.id)?.resolve(answer.text);
    waiting.delete(answer.id);
  });
  const end = (error: Error): void => {
    askers.delete(world.id);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', end);
  child.on('exit', (code, signal) => end(new Error(`the visitor's process ended with ${code ?? signal}`)));
  child.stdin.on('error', () => {});
  child.unref();
  return async (question) => {
    const numbered: NumberedQuestion = { ...question, id: ++id };
    const answer = Promise.withResolvers<string>();
    waiting.set(numbered.id, answer);
    child.stdin.write(`${JSON.stringify(numbered)}\n`);
    return await answer.promise;
  };
}
