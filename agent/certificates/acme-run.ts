import { lookup as lookUp } from 'node:dns/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { selfProcess } from '../core/alive.ts';
import { askAgent } from '../core/ask-agent.ts';
import { append, closeFile, errnoOf, makeFolders } from '../core/files.ts';
import { launcherOf, openMachine, webPortsOf, type AgentSettings } from '../core/machine.ts';
import { findProgram, run, startProgram } from '../core/run.ts';
import { nameFault } from '../core/transaction.ts';
import { challengeFolder } from '../nginx/nginx.render.ts';
import { failureOf } from './acme-failure.ts';
import { preflight, type Lookup } from './acme-preflight.ts';
import { tellCertificates } from './certificate-alerts.ts';
import { settleOrder } from './issue.ts';
import { acmeFolder, findOrder, openOrderLog, writeOrder, type OrderFailure, type OrderRecord } from './orders.ts';

/** Let's Encrypt, unless the agent's configuration says otherwise. */
export const defaultDirectory = 'https://acme-v02.api.letsencrypt.org/directory';

const limitMs = 15 * 60 * 1000;

export type RunOptions = {
  readonly lookup?: Lookup;
  /** Makes the agent take the issued pair up; by its socket unless said otherwise. */
  readonly settle?: (orderId: string) => Promise<void>;
};

/** One order from preflight to the served certificate: `main.ts --certificate-order ID`, as a process of its own. */
export async function runOrder(
  settings: AgentSettings,
  [orderId = '']: readonly string[],
  { lookup = addressesOf, settle = (id) => askOrDo(settings, id) }: RunOptions = {},
): Promise<void> {
  const where = launcherOf(settings);
  const first = findOrder(where, orderId);
  if (first?.state !== 'starting') return;
  const log = openOrderLog(where, orderId);
  const say = (line: string): void => append(log, `${line}\n`);
  const record: OrderRecord = { ...first, state: 'running', process: selfProcess() };
  await writeOrder(where, record);
  try {
    await preflight(settings.rootPrefix, record.hosts, { port: webPortsOf({ settings }).http, lookup, say });
    const failure = await order(settings, record, say, log);
    if (failure !== undefined) return await fail(failure);
    await writeOrder(where, { ...record, state: 'issued' });
    await settle(orderId);
    say('The certificate is on the shelf and served where it is used.');
  } catch (error) {
    const named = nameFault(error);
    const known = named instanceof AppError ? named : undefined;
    say(error instanceof Error ? error.message : String(error));
    // What the agent said when it took the pair up stands in the record already.
    if (findOrder(where, orderId)?.state === 'failed') return;
    const params = Object.fromEntries(Object.entries(known?.params ?? {}).map(([key, value]) => [key, String(value)]));
    await fail({ reason: known?.reason ?? 'acme_failed', params: { message: '', ...params } });
  } finally {
    closeFile(log);
    await tellCertificates(where);
  }

  async function fail(failure: OrderFailure): Promise<void> {
    await writeOrder(where, { ...record, state: 'failed', failure, endedAt: Date.now() });
  }
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookUp(host, { all: true })).map(({ address }) => address);
}

/** Asks the authority by way of certbot; answers why it did not work. */
async function order(
  settings: AgentSettings,
  record: OrderRecord,
  say: (line: string) => void,
  log: number,
): Promise<OrderFailure | undefined> {
  const certbot = await findCertbot(settings, say);
  if (certbot === undefined) return { reason: 'certbot_missing', params: {} };
  const folder = acmeFolder(launcherOf(settings));
  for (const name of ['config', 'work', 'logs']) makeFolders(`${folder}/${name}`);
  const { directory = defaultDirectory, caBundle } = settings.acme ?? {};
  say(`Asking ${new URL(directory).host} for ${record.hosts.join(', ')}`);
  const program = startProgram(certbot, certbotArgs(settings, folder, directory, record), {
    timeoutMs: limitMs,
    diesWithUs: true,
    ...(caBundle === undefined ? {} : { environment: { REQUESTS_CA_BUNDLE: caBundle } }),
  });
  let words = '';
  program.stdout.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-64 * 1024);
    append(log, chunk);
  });
  const { code, stderr } = await program.ended;
  if (stderr.trim() !== '') say(stderr.trim());
  return code === 0 ? undefined : failureOf(`${words}\n${stderr}`);
}

function certbotArgs(settings: AgentSettings, folder: string, directory: string, record: OrderRecord): string[] {
  const { hosts, certificateId, keyKind, email } = record;
  return [
    'certonly',
    '--non-interactive',
    '--agree-tos',
    ...(email === '' ? ['--register-unsafely-without-email'] : ['--email', email, '--no-eff-email']),
    // Never its own changes of nginx: it only puts files into the folder that every site answers challenges from.
    '--webroot',
    '--webroot-path',
    `${settings.rootPrefix}${challengeFolder}`,
    '--preferred-challenges',
    'http',
    ...hosts.flatMap((host) => ['--domain', host]),
    '--cert-name',
    certificateId,
    '--renew-with-new-domains',
    '--force-renewal',
    ...(keyKind === 'rsa'
      ? ['--key-type', 'rsa', '--rsa-key-size', '2048']
      : ['--key-type', 'ecdsa', '--elliptic-curve', 'secp256r1']),
    '--config-dir',
    `${folder}/config`,
    '--work-dir',
    `${folder}/work`,
    '--logs-dir',
    `${folder}/logs`,
    '--max-log-backups',
    '20',
    '--server',
    directory,
  ];
}

/** Brought from the distribution when it is not there. */
async function findCertbot(settings: AgentSettings, say: (line: string) => void): Promise<string | undefined> {
  const found = findProgram('certbot');
  const apt = findProgram('apt-get', settings.rootPrefix);
  if (found !== undefined || apt === undefined || settings.rootPrefix !== '') return found;
  say('certbot is not installed; installing it from the distribution.');
  const limits = { timeoutMs: 10 * 60 * 1000, maxOutputBytes: 256 * 1024 };
  const calm = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0', '-o', 'APT::Color=0'];
  await run(apt, [...calm, 'update'], limits);
  const { stdout, stderr } = await run(apt, [...calm, '--no-install-recommends', 'install', 'certbot'], limits);
  say(`${stdout}\n${stderr}`.trim());
  return findProgram('certbot');
}

/** By the agent that serves, in its transaction and under its lock; or here, as long as nobody else holds that. */
async function askOrDo(settings: AgentSettings, orderId: string): Promise<void> {
  const endsAt = Date.now() + 120_000;
  for (;;) {
    try {
      await askAgent(settings, 'certificates.settle', { orderId }, 'agent');
      return;
    } catch (error) {
      if (!['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(errnoOf(error)) || Date.now() > endsAt) throw error;
    }
    const machine = await openMachine(settings, { lockPatienceMs: 0 }).catch(() => undefined);
    if (machine === undefined) {
      await wait(200);
      continue;
    }
    try {
      await settleOrder(machine, orderId, Date.now() + 60_000);
      return;
    } finally {
      machine.close();
    }
  }
}
