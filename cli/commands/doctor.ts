import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { agentProtocol, agentReply } from '#shared/agent/protocol.ts';
import { agentInfo } from '#shared/agent/agent.ts';
import { ConfigError, loadConfig, type Config } from '#server/config.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { exitCodes, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { loadActingConfig } from '../panel-database.ts';
import type { TextKey } from '../texts.ts';
import { checkCertificate, checkClock, checkUnits, failed, notRun, passed, type Outcome } from './doctor-machine.ts';
import { probe } from './health.ts';

type Check = (ctx: CommandContext, config: Config) => Promise<Outcome>;

const minFreeMegabytes = 500;
const answerLimitMs = 3_000;

/** `aapanel doctor`: what could not be checked is `not_run`, never passed. Exit code 1 when anything failed. */
export const doctor: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  const loaded = tryConfig(ctx);
  const config = loaded === undefined ? undefined : await loadActingConfig(loaded);
  const results: (Outcome & { name: string; title: TextKey })[] = [
    { name: 'node', title: 'checkNode', ...checkNode(ctx) },
    {
      name: 'config',
      title: 'checkConfig',
      ...(config === undefined ? failed(ctx.text('needsConfig')) : passed(config.environment)),
    },
  ];
  for (const [name, { title, run }] of Object.entries(checks)) {
    const outcome = config === undefined ? notRun(ctx.text('needsConfig')) : await run(ctx, config);
    results.push({ name, title, ...outcome });
  }
  if (options.json === true) {
    ctx.out(JSON.stringify({ checks: results.map(({ name, state, detail }) => ({ name, state, detail })) }, null, 2));
  } else {
    const words = { passed: 'passed', failed: 'failedCheck', not_run: 'notRun' } as const;
    for (const { title, state, detail } of results) {
      ctx.out(`${ctx.text(words[state])}: ${ctx.text(title)}: ${detail}`);
    }
  }
  return results.some(({ state }) => state === 'failed') ? exitCodes.failure : exitCodes.success;
};

const checks: Readonly<Record<string, { title: TextKey; run: Check }>> = {
  units: { title: 'checkUnits', run: checkUnits },
  agent: { title: 'checkAgent', run: checkAgent },
  database: { title: 'checkDatabase', run: checkDatabase },
  nginx: { title: 'checkNginx', run: checkNginx },
  port: { title: 'checkPort', run: checkPort },
  certificate: { title: 'checkCertificate', run: checkCertificate },
  clock: { title: 'checkClock', run: checkClock },
  disk: { title: 'checkDisk', run: checkDisk },
};

function tryConfig(ctx: CommandContext): Config | undefined {
  try {
    return loadConfig(ctx.input);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function checkNode(ctx: CommandContext): Outcome {
  const wanted = packageJson.engines.node.replace(/^>=/, '');
  const version = process.versions.node;
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  const [wantMajor = 0, wantMinor = 0] = wanted.split('.').map(Number);
  const isEnough = haveMajor > wantMajor || (haveMajor === wantMajor && haveMinor >= wantMinor);
  return isEnough ? passed(version) : failed(ctx.text('nodeTooOld', { version, wanted }));
}

/** Asks the agent who it is: the way every change goes. */
async function checkAgent(ctx: CommandContext, config: Config): Promise<Outcome> {
  if (config.agent.mode === 'fake') return notRun(ctx.text('agentFake'));
  const path = config.agent.socketPath;
  const answer = await askAgent(path);
  if (answer === 'denied') return notRun(ctx.text('agentDenied', { path }));
  return answer === undefined ? failed(ctx.text('agentAway', { path })) : passed(answer);
}

/** The agent's version; `denied` when this user may not open the socket; undefined when nothing useful answers. */
function askAgent(socketPath: string): Promise<string | undefined> {
  const body = JSON.stringify({
    protocol: agentProtocol,
    params: {},
    actor: { id: 'cli', name: 'aapanel doctor' },
    requestId: `doctor-${process.pid}`,
    deadline: Date.now() + answerLimitMs,
  });
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = {
      socketPath,
      method: 'POST',
      path: `/v1/actions/${agentInfo.name}`,
      headers,
      timeout: answerLimitMs,
    };
    const call = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += text.length < agentInfo.maxResultBytes ? part : ''));
      response.on('end', () => resolve(versionIn(text)));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', (error) => resolve('code' in error && error.code === 'EACCES' ? 'denied' : undefined));
    call.end(body);
  });
}

function versionIn(text: string): string | undefined {
  try {
    const reply = agentReply.parse(JSON.parse(text));
    return reply.ok ? agentInfo.result.parse(reply.result).version : undefined;
  } catch {
    return undefined;
  }
}

async function checkDatabase(ctx: CommandContext, config: Config): Promise<Outcome> {
  const type = `${config.database.type} (${config.database.driver})`;
  // Opening would make the file; before the first start there is nothing to check.
  if (config.database.type === 'sqlite' && !existsSync(config.database.path)) {
    return notRun(ctx.text('folderMissing', { path: config.database.path }));
  }
  try {
    const { openDatabase } = await import('#server/db/connect.ts');
    const db = await openDatabase(config);
    await db.destroy();
    return passed(ctx.text('databaseOk', { type }));
  } catch {
    // The driver's own words may hold the address and the user: they stay out of the terminal.
    return failed(ctx.text('databaseAway', { type }));
  }
}

/** nginx can be installed from the panel: its absence is no fault. */
function checkNginx(ctx: CommandContext): Promise<Outcome> {
  const found = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path));
  return Promise.resolve(found === undefined ? notRun(ctx.text('nginxMissing')) : passed(found));
}

async function checkPort(ctx: CommandContext, config: Config): Promise<Outcome> {
  const { port, host } = config;
  if ((await probe(config, 'live')) === 200) return passed(ctx.text('portOurs', { port }));
  const isFree = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
  return isFree ? passed(ctx.text('portFree', { port })) : failed(ctx.text('portTaken', { port }));
}

async function checkDisk(ctx: CommandContext, config: Config): Promise<Outcome> {
  let path = config.dataDir;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  const { bavail, bsize } = await statfs(path);
  const free = Math.floor((bavail * bsize) / 1024 / 1024);
  if (free < minFreeMegabytes) return failed(ctx.text('diskLow', { free, path, wanted: minFreeMegabytes }));
  return passed(ctx.text('diskFree', { free, path }));
}
