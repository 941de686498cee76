import type { RevocationReason } from '#shared/certificate-revocation.ts';
import { append, listNames, makeFolders, readText } from '../core/files.ts';
import { launcherOf, type AgentSettings } from '../core/machine.ts';
import { findProgram, run, startProgram } from '../core/run.ts';
import { challengeFolder } from '../nginx/nginx.render.ts';
import { failureOf } from './acme-failure.ts';
import { patienceMs } from './dns/by-hand.ts';
import { acmeFolder, toolFolder, type OrderFailure, type OrderRecord } from './orders.ts';

/*
 * The tool that speaks with the authority, with folders of its own; it changes nothing of nginx.
 */

/** Let's Encrypt, unless the agent's configuration says otherwise. */
export const defaultDirectory = 'https://acme-v02.api.letsencrypt.org/directory';

/** Its copy for trying: what is wrong with a name shows there without counting. */
const defaultStaging = 'https://acme-staging-v02.api.letsencrypt.org/directory';

const limitMs = 15 * 60 * 1000;
const mostRounds = 5;

type AskOptions = {
  readonly say: (line: string) => void;
  readonly log: number;
  readonly directory?: string | undefined;
  /** Below the folder of the tool, for an authority whose certificates nobody is served with. */
  readonly folderName?: string;
  /** The tool is ended then, with its hooks. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Where an order is tried before it counts: what is wrong with the names is found there. undefined: nothing is in its way.
 * A place for trying that is away itself keeps nobody from being served.
 */
export async function askStaging(
  settings: AgentSettings,
  record: OrderRecord,
  { say, log }: { readonly say: (line: string) => void; readonly log: number },
): Promise<OrderFailure | undefined> {
  const { directory, staging = directory === undefined ? defaultStaging : undefined } = settings.acme ?? {};
  if (staging === undefined) return undefined;
  say('Tried first where it does not count');
  const failure = await askAuthority(settings, record, { say, log, directory: staging, folderName: '/staging' });
  // Its own troubles and limits say nothing about the names.
  const isItsOwn = failure?.reason === 'acme_ca_unreachable' || failure?.reason === 'acme_rate_limited';
  if (failure === undefined || isItsOwn) return undefined;
  return { ...failure, params: { ...failure.params, at: 'staging' } };
}

/** Asks the authority by way of certbot; answers why it did not work. Its words go to the log of the order. */
export async function askAuthority(
  settings: AgentSettings,
  record: OrderRecord,
  { say, log, directory = defaultDirectory, folderName = '', signal }: AskOptions,
): Promise<OrderFailure | undefined> {
  const certbot = await bring(settings, { program: 'certbot', package: 'certbot' }, say);
  if (certbot === undefined) return { reason: 'certbot_missing', params: {} };
  const folder = `${toolFolder(launcherOf(settings), record)}${folderName}`;
  for (const name of ['config', 'work', 'logs']) makeFolders(`${folder}/${name}`);
  say(`Asking ${new URL(directory).host} for ${record.hosts.join(', ')}`);
  for (let round = 1; ; round++) {
    const args = certbotArgs(settings, folder, directory, record);
    const timeoutMs = record.proof.kind === 'manual' ? patienceMs + limitMs : limitMs;
    const words = await runCertbot(settings, certbot, args, { say, log, timeoutMs, signal });
    if (words === undefined) return undefined;
    if (signal?.aborted === true) return { reason: 'acme_cancelled', params: {} };
    const problem = lastProblem(`${folder}/logs/letsencrypt.log`);
    // A number used twice says nothing about the names; certbot 2.1 stumbles over it and names no reason.
    if (problem?.startsWith('badNonce') === true && round < mostRounds) continue;
    return failureOf(`${words}\n${problem === undefined ? '' : `error:${problem}`}`);
  }
}

const certbotReasons: Readonly<Record<RevocationReason, string>> = {
  unspecified: 'unspecified',
  key_compromise: 'keycompromise',
  superseded: 'superseded',
  cessation: 'cessationofoperation',
};

/**
 * Has the authority take a certificate back: asked with the key of the certificate itself, which needs no account. Answers why
 * it did not work; one that is taken back already counts as done.
 */
export async function askRevocation(
  settings: AgentSettings,
  {
    chainPath,
    keyPath,
    reason,
  }: { readonly chainPath: string; readonly keyPath: string; readonly reason: RevocationReason },
  { say, log, directory = defaultDirectory }: AskOptions,
): Promise<OrderFailure | undefined> {
  const certbot = await bring(settings, { program: 'certbot', package: 'certbot' }, say);
  if (certbot === undefined) return { reason: 'certbot_missing', params: {} };
  const folder = `${acmeFolder(launcherOf(settings))}/revocation`;
  for (const name of ['config', 'work', 'logs']) makeFolders(`${folder}/${name}`);
  say(`Asking ${new URL(directory).host} to take the certificate back`);
  const files = ['--cert-path', chainPath, '--key-path', keyPath, '--no-delete-after-revoke'];
  const args = [
    'revoke',
    '--non-interactive',
    ...files,
    '--reason',
    certbotReasons[reason],
    ...placeArgs(folder, directory),
  ];
  for (let round = 1; ; round++) {
    const words = await runCertbot(settings, certbot, args, { say, log, timeoutMs: limitMs });
    if (words === undefined) return undefined;
    const problem = lastProblem(`${folder}/logs/letsencrypt.log`);
    if (problem?.startsWith('alreadyRevoked') === true) return undefined;
    if (problem?.startsWith('badNonce') === true && round < mostRounds) continue;
    return failureOf(`${words}\n${problem === undefined ? '' : `error:${problem}`}`);
  }
}

/** Answers what it said when it did not work. */
async function runCertbot(
  settings: AgentSettings,
  certbot: string,
  args: readonly string[],
  { say, log, timeoutMs, signal }: Pick<AskOptions, 'say' | 'log' | 'signal'> & { readonly timeoutMs: number },
): Promise<string | undefined> {
  const { caBundle } = settings.acme ?? {};
  const program = startProgram(certbot, args, {
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    diesWithUs: true,
    environment: {
      ...(caBundle === undefined ? {} : { REQUESTS_CA_BUNDLE: caBundle }),
      ...hookEnvironment(settings),
    },
  });
  let words = '';
  program.stdout.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-64 * 1024);
    append(log, chunk);
  });
  const { code, stderr } = await program.ended;
  if (stderr.trim() !== '') say(stderr.trim());
  return code === 0 ? undefined : `${words}\n${stderr}`;
}

/** What the authority last refused with, from certbot's own log of this run: `rateLimited :: too many …`. */
function lastProblem(path: string): string | undefined {
  const text = readText(path, 4 * 1024 * 1024) ?? '';
  const [, type, detail = ''] =
    [...text.matchAll(/"type":\s*"urn:ietf:params:acme:error:(\w+)"(?:,\s*"detail":\s*"((?:[^"\\]|\\.)*)")?/g)].at(
      -1,
    ) ?? [];
  return type === undefined ? undefined : `${type} :: ${detail}`;
}

function certbotArgs(settings: AgentSettings, folder: string, directory: string, record: OrderRecord): string[] {
  const { hosts, certificateId, keyKind, email } = record;
  return [
    'certonly',
    '--non-interactive',
    '--agree-tos',
    ...(email === '' ? ['--register-unsafely-without-email'] : ['--email', email, '--no-eff-email']),
    ...proofArgs(settings, record),
    ...hosts.flatMap((host) => ['--domain', host]),
    '--cert-name',
    certificateId,
    '--renew-with-new-domains',
    '--force-renewal',
    ...(keyKind === 'rsa'
      ? ['--key-type', 'rsa', '--rsa-key-size', '2048']
      : ['--key-type', 'ecdsa', '--elliptic-curve', 'secp256r1']),
    ...placeArgs(folder, directory),
  ];
}

/** Addresses of the accounts at an authority that the tool has in a folder; [] before the first order. */
export function accountsAt(folder: string, directory: string): string[] {
  const { host, pathname } = new URL(directory);
  const place = `${folder}/config/accounts/${host}${pathname}`;
  return listNames(place).flatMap((name) => {
    const text = readText(`${place}/${name}/regr.json`);
    try {
      const { uri } = JSON.parse(text ?? '{}') as { uri?: unknown };
      return typeof uri === 'string' ? [uri] : [];
    } catch {
      return [];
    }
  });
}

/** Folders of our own, and which authority. */
function placeArgs(folder: string, directory: string): string[] {
  return [
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

function proofArgs(settings: AgentSettings, { proof, orderId }: OrderRecord): string[] {
  // Never its own changes of nginx: it only puts files into the folder that every site answers challenges from.
  if (proof.kind === 'http')
    return [
      '--webroot',
      '--webroot-path',
      `${settings.rootPrefix}${challengeFolder}`,
      '--preferred-challenges',
      'http',
    ];
  return [
    '--manual',
    '--preferred-challenges',
    'dns',
    '--manual-auth-hook',
    hookCommand(settings, 'auth', orderId),
    '--manual-cleanup-hook',
    hookCommand(settings, 'cleanup', orderId),
  ];
}

/** certbot gives this to a shell of its own: nothing stands in it that a shell would read otherwise. */
function hookCommand({ program }: AgentSettings, phase: 'auth' | 'cleanup', orderId: string): string {
  const words = [...program, '--certificate-hook', phase, orderId];
  if (words.some((word) => !/^[A-Za-z0-9/._-]+$/.test(word)))
    throw new Error('the agent lies at a path with odd letters');
  return words.join(' ');
}

function hookEnvironment(settings: AgentSettings): Record<string, string> {
  const { caBundle, cloudflareApi, nameServers } = settings.acme ?? {};
  return {
    AAPANEL_AGENT_STATE: settings.stateFolder,
    AAPANEL_AGENT_PREFIX: settings.rootPrefix,
    ...(caBundle === undefined ? {} : { AAPANEL_AGENT_ACME_CA: caBundle }),
    ...(cloudflareApi === undefined ? {} : { AAPANEL_AGENT_CLOUDFLARE_API: cloudflareApi }),
    ...(nameServers === undefined ? {} : { AAPANEL_AGENT_ACME_DNS: nameServers.join(',') }),
  };
}

/** Brought from the distribution when it is not there. */
export async function bring(
  settings: AgentSettings,
  wanted: { readonly program: string; readonly package: string },
  say: (line: string) => void,
): Promise<string | undefined> {
  const found = findProgram(wanted.program);
  const apt = findProgram('apt-get', settings.rootPrefix);
  if (found !== undefined || apt === undefined || settings.rootPrefix !== '') return found;
  say(`${wanted.program} is not installed; installing it from the distribution.`);
  const limits = { timeoutMs: 10 * 60 * 1000, maxOutputBytes: 256 * 1024 };
  const calm = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0', '-o', 'APT::Color=0'];
  await run(apt, [...calm, 'update'], limits);
  const { stdout, stderr } = await run(apt, [...calm, '--no-install-recommends', 'install', wanted.package], limits);
  say(`${stdout}\n${stderr}`.trim());
  return findProgram(wanted.program);
}
