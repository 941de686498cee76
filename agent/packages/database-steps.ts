import type { DatabaseEngine } from '#shared/databases.ts';
import { engineOf } from '../databases/engines/engines.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { poll } from '../nginx/nginx.process.ts';

/*
 * The steps after the packages of a database server are there. The distribution lets its superuser in over the socket and
 * listens on loopback alone; we add no file of ours, and say so when it is otherwise.
 */

type Say = (text: string) => void;

const startPatienceMs = 60_000;
const titles = { mariadb: 'MariaDB', postgresql: 'PostgreSQL' } as const satisfies Record<DatabaseEngine, string>;

export async function startDatabaseServer(machine: Machine, engine: DatabaseEngine, say: Say): Promise<number> {
  const title = titles[engine];
  if ((await engineOf({ engine }).look(machine)).state === 'missing') return failed(say, `${title} is not installed.`);
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  const unit = `${engine}.service`;
  if (systemctl !== undefined) await run(systemctl, ['enable', '--quiet', unit], { timeoutMs: 30_000 });
  if (await isUp(machine, engine)) {
    say(`${title} runs already.`);
    return 0;
  }
  const script = `${machine.prefix}/etc/init.d/${engine}`;
  const { stderr } =
    systemctl === undefined
      ? await run(script, ['start'], { timeoutMs: startPatienceMs })
      : await run(systemctl, ['start', unit], { timeoutMs: startPatienceMs });
  for (const endsAt = Date.now() + startPatienceMs; Date.now() < endsAt; ) {
    if (await isUp(machine, engine)) {
      say(`${title} runs.`);
      return 0;
    }
    await poll(() => false, Date.now() + 500);
  }
  if (stderr.trim() !== '') say(stderr.trim().slice(0, 2_000));
  return failed(say, `${title} did not start.`);
}

/** Looks at the effect itself: its superuser comes in over the socket, and nobody from elsewhere can reach it. */
export async function verifyDatabaseServer(machine: Machine, engine: DatabaseEngine, say: Say): Promise<number> {
  const { state, version, isOpenToNetwork } = await engineOf({ engine }).look(machine);
  if (state === 'other') return failed(say, 'This server is not one that the panel works with.');
  if (state !== 'running') return failed(say, `${titles[engine]} does not answer over its socket.`);
  say(`${titles[engine]} ${version ?? '?'}`);
  if (isOpenToNetwork) say('It can be reached from other machines: it listens on more than the local address.');
  return 0;
}

async function isUp(machine: Machine, engine: DatabaseEngine): Promise<boolean> {
  const { state } = await engineOf({ engine }).look(machine);
  return state === 'running' || state === 'other';
}

function failed(say: Say, text: string): number {
  say(text);
  return 1;
}
