import { text } from 'node:stream/consumers';
import { launcherOf, logLine, openMachine, type AgentSettings } from './core/machine.ts';
import { readSettings } from './settings.ts';

/*
 * main.ts                           serves its socket
 * main.ts --isolate                 sets aside site files that nginx refuses, then ends; before nginx starts at boot
 * main.ts --close-ports             closes the ports of sites to other sites, then ends; before they start at boot
 * main.ts --operation ID STEP TRY   one step of a package operation, started by the agent as a process of its own
 * main.ts --backup RUN_ID           one run of the backup engine, started as a process of its own
 * main.ts --backups-due             starts the planned backups and restore tests that are due; for the timer
 * main.ts --alerts                  sends the alerts that wait; started by a run, an order or the timer
 * main.ts --cron-due                starts the scheduled jobs that are due and plans the next look; for timers
 * main.ts --cron-run JOB_ID RUN_ID   one run of a scheduled job, started as a process of its own
 * main.ts --certificate-order ID    one order of a certificate, started as a process of its own
 * main.ts --certificate-hook …       puts a DNS record of an order there or takes it away; started by certbot
 * main.ts --certificate-sweep        takes away DNS records of orders that were cut off
 * main.ts --certificate-revocations asks the authorities of all certificates whether they took them back
 * main.ts --certificates-due        starts the renewal that is due, tells which certificates and sites end, stops what runs for
 *                                    sites that have ended; for the timer
 * main.ts --logs-due                counts visitors, sets logs aside that are due, has the recycle bin of sites emptied of what is
 *                                    due and throws recordings of terminals away that are too old; for the timer
 * main.ts --database-run ID          one deletion or restore of a database, started as a process of its own
 * main.ts --app-restart SITE_ID     starts an application anew whose moment has come; for its timer
 * main.ts --supervise UNIT          looks after the application of a unit where systemd is not
 * main.ts --dependencies SITE_ID ID   installs packages of a site's project, started as a process of its own
 * main.ts --deployment SITE_ID ID     one deployment of a site, started as a process of its own
 * main.ts --unpacking SITE_ID ID      puts one archive into a site, started as a process of its own
 * main.ts --site-copy ID            copies the files of a site for a new one, started as a process of its own
 * main.ts --site-export SITE_ID ID   makes the file of one site, started as a process of its own
 * main.ts --terminal ID             holds one shell, started as a process of its own (agent/terminals/terminal-host.ts)
 * main.ts --files UID GID[,GID]      works on the files of one site as its Linux user (agent/files/worker.ts)
 * main.ts --account-home             looks at the home of one user of the machine (agent/machine-accounts/home-worker.ts)
 * main.ts --extract FOLDER OWNER    unpacks the archive on its standard input, without rights (agent/archives/extractor.ts)
 * main.ts --console COMMAND …       people and audit log for whoever is root on the machine (agent/console.ts); JSON
 */

/*
 * Each program is loaded only where it runs: some of them stay for days (one for each terminal and each application without
 * systemd), and a scheduled job or a look at files should not wait for what it does not need.
 */

async function serve(settings: AgentSettings): Promise<void> {
  const { serve: serveSocket } = await import('./serve.ts');
  await serveSocket(settings, process.env);
}

async function isolate(settings: AgentSettings): Promise<void> {
  const { isolateBroken } = await import('./nginx/nginx.isolate.ts');
  const machine = await openMachine(settings);
  try {
    await isolateBroken(machine);
  } finally {
    machine.close();
  }
}

async function closePorts(settings: AgentSettings): Promise<void> {
  const { raiseFence } = await import('./apps/apps.fence.ts');
  await raiseFence(launcherOf(settings));
}

async function operate(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runOperation } = await import('./packages/runner.ts');
  await runOperation(settings, args);
}

async function answerConsole(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runConsole } = await import('./console.ts');
  const { exitCode, answer } = await runConsole(settings, args, () => text(process.stdin));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exitCode = exitCode;
}

async function backUp(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runBackup } = await import('./backups/runner.ts');
  process.exitCode = await runBackup(settings, args);
}

async function sendAlerts(settings: AgentSettings): Promise<void> {
  const { runDelivery } = await import('./alerts/deliver.ts');
  await runDelivery(settings);
}

async function startDueBackups(settings: AgentSettings): Promise<void> {
  const { startDue } = await import('./backups/due.ts');
  const runIds = await startDue(launcherOf(settings));
  logLine('info', 'planned backups were looked at', { started: runIds.length });
}

async function startDueCron(settings: AgentSettings): Promise<void> {
  const { startDueJobs } = await import('./cron/cron-due.ts');
  const started = await startDueJobs(launcherOf(settings));
  logLine('info', 'scheduled jobs were looked at', { started: started.length });
}

async function runCron(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runCronJob } = await import('./cron/cron-run.ts');
  await runCronJob(settings, args);
}

async function orderCertificate(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runOrder } = await import('./certificates/acme-run.ts');
  await runOrder(settings, args);
}

/** certbot tells its hooks what to do by their environment. */
async function runCertificateHook(
  settings: AgentSettings,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { runHook } = await import('./certificates/dns/hook.ts');
  await runHook(settings, args, {
    domain: env['CERTBOT_DOMAIN'] ?? '',
    validation: env['CERTBOT_VALIDATION'] ?? '',
    remaining: env['CERTBOT_REMAINING_CHALLENGES'] ?? '',
  });
}

async function sweepDnsRecords(settings: AgentSettings): Promise<void> {
  const { sweepRecords } = await import('./certificates/dns/prove.ts');
  const where = launcherOf(settings);
  await sweepRecords(where, where.now(), (line) => logLine('info', line));
}

async function askRevocations(settings: AgentSettings): Promise<void> {
  const { lookForRevocations } = await import('./certificates/revocation-look.ts');
  await lookForRevocations(settings);
}

async function renewDue(settings: AgentSettings): Promise<void> {
  const { startDueRenewals } = await import('./certificates/due.ts');
  const { tellCertificates } = await import('./certificates/certificate-alerts.ts');
  const { tellEndingSites } = await import('./sites/ending-sites.ts');
  const { settleEndedSites } = await import('./sites/ended-sites.ts');
  const { takeUpChanged } = await import('./certificates/watched.ts');
  const where = launcherOf(settings);
  try {
    await takeUpChanged(where);
    const orderIds = await startDueRenewals(where);
    logLine('info', 'certificates were looked at', { started: orderIds.length });
    await (await import('./certificates/revocation-look.ts')).launchRevocationLook(where);
  } finally {
    await settleEndedSites(where);
    await tellEndingSites(where);
    // Sends what was told.
    await tellCertificates(where);
  }
}

async function lookAfterLogs(settings: AgentSettings): Promise<void> {
  const { lookAfterLogs: look } = await import('./logs/due.ts');
  const where = launcherOf(settings);
  try {
    const isDone = await look(where);
    logLine('info', 'logs were looked after', { isDone });
  } finally {
    const { emptyDueRecycled } = await import('./recycled-sites/emptying.ts');
    await emptyDueRecycled(where);
    const { forgetOldRecordings } = await import('./terminals/old-recordings.ts');
    await forgetOldRecordings(where);
    const { lookForNewDatagrams } = await import('./apps/apps.fence.ts');
    await lookForNewDatagrams(where);
  }
}

async function runOnDatabase(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runDatabase } = await import('./databases/run.ts');
  await runDatabase(settings, args);
}

async function supervise(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runSupervisor } = await import('./apps/apps.supervisor.ts');
  await runSupervisor(settings, args);
}

async function restartApp(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { restartByClock } = await import('./apps/apps.timed-restart.ts');
  await restartByClock(settings, args);
}

async function installDependencies(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runDependencies } = await import('./dependencies/dependency-run.ts');
  await runDependencies(settings, args);
}

async function deploy(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runDeployment } = await import('./deployments/deployment-run.ts');
  await runDeployment(settings, args);
}

async function unpackArchive(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runUnpacking } = await import('./site-archives/unpacking-run.ts');
  await runUnpacking(settings, args);
}

async function copySite(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runCopy } = await import('./copies/copy-run.ts');
  await runCopy(settings, args);
}

async function exportSite(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runExport } = await import('./site-files/export-run.ts');
  await runExport(settings, args);
}

async function holdTerminal(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const { runTerminalHost } = await import('./terminals/terminal-host.ts');
  await runTerminalHost(settings, args);
}

/** Loaded before it gives its rights up. */
async function extract(args: readonly string[]): Promise<void> {
  const { runExtractor } = await import('./archives/extractor.ts');
  process.exitCode = await runExtractor(args);
}

/** Loaded before it gives its rights up. */
async function workOnFiles(args: readonly string[]): Promise<void> {
  const { runFilesHelper } = await import('./files/worker.ts');
  await runFilesHelper(args);
}

/** Loaded before it gives its rights up. */
async function workOnHome(): Promise<void> {
  const { runHomeWorker } = await import('./machine-accounts/home-worker.ts');
  await runHomeWorker();
}

async function main(args: readonly string[]): Promise<void> {
  const [mode, ...rest] = args;
  if (mode === '--extract') return await extract(rest);
  if (mode === '--files') return await workOnFiles(rest);
  if (mode === '--account-home' && rest.length === 0) return await workOnHome();
  const settings = readSettings(process.env, import.meta.filename);
  if (mode === undefined) return await serve(settings);
  if (mode === '--isolate' && rest.length === 0) return await isolate(settings);
  if (mode === '--close-ports' && rest.length === 0) return await closePorts(settings);
  if (mode === '--operation') return await operate(settings, rest);
  if (mode === '--backup') return await backUp(settings, rest);
  if (mode === '--backups-due' && rest.length === 0) return await startDueBackups(settings);
  if (mode === '--cron-due' && rest.length === 0) return await startDueCron(settings);
  if (mode === '--cron-run') return await runCron(settings, rest);
  if (mode === '--alerts' && rest.length === 0) return await sendAlerts(settings);
  if (mode === '--certificate-order') return await orderCertificate(settings, rest);
  if (mode === '--certificate-hook') return await runCertificateHook(settings, rest, process.env);
  if (mode === '--certificate-sweep' && rest.length === 0) return await sweepDnsRecords(settings);
  if (mode === '--certificate-revocations' && rest.length === 0) return await askRevocations(settings);
  if (mode === '--certificates-due' && rest.length === 0) return await renewDue(settings);
  if (mode === '--logs-due' && rest.length === 0) return await lookAfterLogs(settings);
  if (mode === '--database-run') return await runOnDatabase(settings, rest);
  if (mode === '--app-restart') return await restartApp(settings, rest);
  if (mode === '--supervise') return await supervise(settings, rest);
  if (mode === '--dependencies') return await installDependencies(settings, rest);
  if (mode === '--deployment') return await deploy(settings, rest);
  if (mode === '--unpacking') return await unpackArchive(settings, rest);
  if (mode === '--site-copy') return await copySite(settings, rest);
  if (mode === '--site-export') return await exportSite(settings, rest);
  if (mode === '--terminal') return await holdTerminal(settings, rest);
  if (mode === '--console') return await answerConsole(settings, rest);
  throw new Error(
    'usage: main.ts [--isolate | --close-ports | --operation ID STEP TRY | --backup RUN_ID | --backups-due | --cron-due | --cron-run JOB_ID RUN_ID | --alerts | ' +
      '--certificate-order ID | --certificate-hook PHASE ID | --certificate-sweep | --certificate-revocations | ' +
      '--certificates-due | ' +
      '--database-run ID | --logs-due | --dependencies SITE_ID ID | --deployment SITE_ID ID | --unpacking SITE_ID ID | --site-copy ID | ' +
      '--site-export SITE_ID ID | ' +
      '--app-restart SITE_ID | --supervise UNIT | --terminal ID | --files UID GID | --account-home | --extract FOLDER OWNER | --console COMMAND …]',
  );
}

try {
  await main(process.argv.slice(2));
  process.exit(process.exitCode ?? 0);
} catch (error) {
  logLine('error', 'the agent could not go on', { error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
