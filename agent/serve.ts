import { findHandler } from './actions.ts';
import { settleApps } from './apps/apps.recovery.ts';
import { listNames, look } from './core/files.ts';
import { launcherOf, logLine, openMachine, type AgentSettings, type Machine } from './core/machine.ts';
import { startCronClock } from './cron/clock.ts';
import { forgetGoneSites } from './deployments/gone-sites.ts';
import { hasOpenChallenge } from './factors/challenges.ts';
import { createLifetime, drain } from './lifetime.ts';
import { startLogsClock } from './logs/clock.ts';
import { createActions } from './requests.ts';
import { startServer, type Listening } from './server.ts';
import { settlePhpUnits } from './php/php.apart.ts';
import { settleOwnFpms } from './php/php.own.ts';
import { settleEndedNow } from './sites/ended-sites.ts';
import { takeUpPrograms } from './sites/site-recovery.ts';
import { clearCandidates } from './sites/site-texts.ts';
import { nginxLock } from './sites/sites.apply.ts';
import { choresLater } from './sites/sites.removal.ts';
import { bringBackSites } from './sites/sites.revival.ts';
import { forgetOldRecordings } from './terminals/old-recordings.ts';

/** systemd names the process that the sockets are for: a variable inherited by mistake is not ours. */
function listeningFrom(env: NodeJS.ProcessEnv): Listening {
  const isForUs = env['LISTEN_PID'] === String(process.pid);
  if (!isForUs) return { kind: 'own' };
  if (env['LISTEN_FDS'] !== '1') throw new Error('exactly one socket is expected from systemd');
  return { kind: 'passed', fd: 3 };
}

/** Serves the agent's socket until it is told to end or has been idle for long enough. */
export async function serve(settings: AgentSettings, env: NodeJS.ProcessEnv): Promise<void> {
  const listening = listeningFrom(env);
  const machine = await openMachine(settings, { takeUp: () => takeUpPrograms(launcherOf(settings)) });
  clearCandidates(machine);
  await tidyRemoteServers(machine);
  const actions = createActions(machine, findHandler);
  const lifetime = createLifetime(
    settings.idleMs,
    () => actions.activeCount > 0 || machine.laterCount > 0 || server.openCount > 0 || hasOpenChallenge(machine),
  );
  const server = await startServer(settings, actions, listening, () => lifetime.touch());
  logLine('info', 'the agent serves', { recovered: machine.recovered, isSocketPassed: listening.kind === 'passed' });
  choresLater(machine);
  machine.later('applications', () => settleApps(machine));
  machine.later('units of PHP', () => settlePhpUnits(machine));
  machine.later('PHP of single sites', () => settleOwnFpms(machine));
  machine.later('databases', () => settleDatabases(machine));
  machine.later('sites that have ended', () => settleEndedNow(machine));
  machine.later('deployments of gone sites', () => forgetGoneSites(machine));
  machine.later('copies of sites', () => forgetCopies(machine));
  machine.later('sites set aside', () => bringBackSites(machine));
  machine.later('recordings of terminals', () => forgetOldRecordings(machine));
  // Where systemd is, it has the timer.
  if (!machine.hasSystemd) {
    startLogsClock(machine);
    startCronClock(machine);
  }
  const why = await lifetime.over();
  // At the end, where nobody waits for it.
  if (why === 'idle') await machine.locks.hold(nginxLock, Date.now() + 5_000, () => machine.engine.tidy());
  await drain(machine, server, actions);
  logLine('info', 'the agent ends', { why });
}

/** Loaded only where there are databases of the panel's own. */
async function settleDatabases(machine: Machine): Promise<void> {
  if (look(`${machine.stateFolder}/databases`).type !== 'folder') return;
  const { settleDatabases: settle } = await import('./databases/settle.ts');
  await settle(machine);
}

/** Before anybody asks: files with passwords that calls of an agent that was killed have left. */
async function tidyRemoteServers(machine: Machine): Promise<void> {
  if (look(`${machine.stateFolder}/remote-databases`).type !== 'folder') return;
  (await import('./remote-databases/servers.ts')).tidyServers(machine);
}

/** Most agents have never copied a site: then nothing of it is loaded. */
async function forgetCopies(machine: Machine): Promise<void> {
  if (listNames(`${machine.stateFolder}/copies`).length === 0) return;
  const { forgetOldCopies } = await import('./copies/copies.ts');
  await forgetOldCopies(machine);
}
