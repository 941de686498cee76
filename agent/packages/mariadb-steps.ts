import { lookAtMariadb } from '../databases/engines/mariadb-server.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { poll } from '../nginx/nginx.process.ts';

/*
 * The steps after the packages of MariaDB are there. The distribution lets root in over the socket and listens on loopback
 * alone; we add no file of ours, and say so when it is otherwise.
 */

type Say = (text: string) => void;

const startPatienceMs = 60_000;

export async function startMariadb(machine: Machine, say: Say): Promise<number> {
  if ((await lookAtMariadb(machine)).state === 'missing') return failed(say, 'MariaDB is not installed.');
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['enable', '--quiet', 'mariadb.service'], { timeoutMs: 30_000 });
  if (await isUp(machine)) {
    say('MariaDB runs already.');
    return 0;
  }
  const script = `${machine.prefix}/etc/init.d/mariadb`;
  const { stderr } =
    systemctl === undefined
      ? await run(script, ['start'], { timeoutMs: startPatienceMs })
      : await run(systemctl, ['start', 'mariadb.service'], { timeoutMs: startPatienceMs });
  for (const endsAt = Date.now() + startPatienceMs; Date.now() < endsAt; ) {
    if (await isUp(machine)) {
      say('MariaDB runs.');
      return 0;
    }
    await poll(() => false, Date.now() + 500);
  }
  if (stderr.trim() !== '') say(stderr.trim().slice(0, 2_000));
  return failed(say, 'MariaDB did not start.');
}

/** Looks at the effect itself: root comes in over the socket, and nobody from elsewhere can reach it. */
export async function verifyMariadb(machine: Machine, say: Say): Promise<number> {
  const { state, version, isOpenToNetwork } = await lookAtMariadb(machine);
  if (state === 'other') return failed(say, 'This server is not one that the panel works with.');
  if (state !== 'running') return failed(say, 'MariaDB does not answer over its socket.');
  say(`MariaDB ${version ?? '?'}`);
  if (isOpenToNetwork) say('It can be reached from other machines: it listens on more than the local address.');
  return 0;
}

async function isUp(machine: Machine): Promise<boolean> {
  const { state } = await lookAtMariadb(machine);
  return state === 'running' || state === 'other';
}

function failed(say: Say, text: string): number {
  say(text);
  return 1;
}
