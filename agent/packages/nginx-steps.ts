import { request } from 'node:http';
import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { askNginx, findNginx, shownPath } from '../nginx/nginx.check.ts';
import { nginxPaths } from '../nginx/nginx.files.ts';
import { BrokenSiteError, isolateBroken, isolateSite, newChangeId } from '../nginx/nginx.isolate.ts';
import { nginxBuild } from '../nginx/nginx.build.ts';
import { findMaster, findPortHolder, lastComplaint, poll, takeUpNow } from '../nginx/nginx.process.ts';
import { baseWants, checkCandidate } from '../sites/sites.apply.ts';
import { sharedText } from '../sites/site-texts.ts';
import { createServing } from '../sites/site-serving.ts';

/*
 * The steps after the packages are there: short, done by the agent itself, and safe to repeat when it dies on the way.
 * Each answers an exit code; `say` writes a line for people.
 */

type Say = (text: string) => void;
const startPatienceMs = 10_000;

/** Our one file into nginx's folder, as a transaction like any other. */
export async function configureNginx(machine: Machine, say: Say): Promise<number> {
  const { prefix } = machine;
  if (findNginx(prefix) === undefined) return failed(say, 'nginx is not installed.');
  for (let round = 0; ; round++) {
    try {
      const shared = await sharedText(machine);
      const serving = createServing(machine, { targets: [], marker: undefined, deadlineAt: Date.now() + 30_000 });
      await machine.engine.run({
        changeId: newChangeId(),
        action: 'nginx.configure',
        actor: 'agent',
        wants: baseWants(machine, shared),
        validate: () => checkCandidate(machine, '', null, shared),
        activate: () => serving.activate(),
        probe: () => serving.probe(),
      });
      break;
    } catch (error) {
      if (!(error instanceof BrokenSiteError) || round >= 50) throw error;
      say(`Set aside, nginx refuses it: ${error.slug}: ${error.complaint.message}`);
      await isolateSite(machine, error.slug, error.complaint);
    }
  }
  say(shownPath(nginxPaths(prefix).shared, prefix));
  const complaint = await askNginx(prefix, nginxPaths(prefix).main);
  if (complaint !== undefined) return failed(say, complaint.message);
  say(`nginx: the configuration file ${shownPath(nginxPaths(prefix).main, prefix)} is ok`);
  return 0;
}

export async function startNginx(machine: Machine, say: Say): Promise<number> {
  const { prefix } = machine;
  const nginx = findNginx(prefix);
  if (nginx === undefined) return failed(say, 'nginx is not installed.');
  const isolated = await isolateBroken(machine);
  for (const slug of isolated) say(`Set aside, nginx refuses it: ${slug}`);
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['enable', '--quiet', 'nginx.service'], { timeoutMs: 30_000 });
  if (findMaster(prefix) !== undefined) {
    say('nginx runs already.');
    return 0;
  }
  const { stderr } =
    systemctl === undefined
      ? await run(nginx, ['-c', nginxPaths(prefix).main], { timeoutMs: 30_000 })
      : await run(systemctl, ['start', 'nginx.service'], { timeoutMs: 60_000 });
  if (await poll(() => findMaster(prefix) !== undefined, Date.now() + startPatienceMs)) {
    say('nginx runs.');
    return 0;
  }
  if (stderr.trim() !== '') say(stderr.trim().slice(0, 2_000));
  const complaint = lastComplaint(prefix);
  if (complaint !== undefined) say(complaint);
  const holder = findPortHolder(80, prefix);
  if (holder !== undefined) say(`Port 80 is held by ${holder}.`);
  return failed(say, 'nginx did not start.');
}

/** The package has put the module among those that nginx loads; it takes them up with its files. */
export async function startModule(machine: Machine, say: Say): Promise<number> {
  const code = await startNginx(machine, say);
  if (code === 0) await takeUpNow(machine.prefix);
  return code;
}

export async function verifyBrotli(machine: Machine, say: Say): Promise<number> {
  const code = await verifyNginx(machine, say);
  if (code !== 0) return code;
  if ((await nginxBuild(machine.prefix)).hasBrotli) return 0;
  return failed(say, 'nginx does not load the module of brotli.');
}

/** Looks at the effect itself: it runs, it accepts its configuration, it answers. */
export async function verifyNginx(machine: Machine, say: Say): Promise<number> {
  const { prefix } = machine;
  if (findMaster(prefix) === undefined) return failed(say, 'nginx does not run.');
  const complaint = await askNginx(prefix, nginxPaths(prefix).main);
  if (complaint !== undefined) return failed(say, complaint.message);
  const version = await nginxVersion(prefix);
  say(`nginx/${version ?? '?'}`);
  if (look(nginxPaths(prefix).shared).type !== 'file') return failed(say, 'The file of the panel is missing.');
  if (prefix !== '') return 0;
  const holder = findPortHolder(80, prefix);
  if (holder !== undefined) return failed(say, `Port 80 is held by ${holder}.`);
  const status = await visit();
  say(status === undefined ? 'Nothing listens on port 80 yet.' : `GET http://127.0.0.1/ ${status}`);
  return 0;
}

function failed(say: Say, text: string): number {
  say(text);
  return 1;
}

async function visit(): Promise<number | undefined> {
  return await new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port: 80, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve(undefined));
    sent.end();
  });
}

/** `1.22.1`; undefined when nginx does not say. */
export async function nginxVersion(prefix: string): Promise<string | undefined> {
  const nginx = findNginx(prefix);
  if (nginx === undefined) return undefined;
  const { stderr } = await run(nginx, ['-v'], { timeoutMs: 3_000 });
  return /nginx version: [^/\s]+\/(\S+)/.exec(stderr)?.[1];
}
