import type { AgentSettings } from './core/machine.ts';

/**
 * What the agent is told by its environment; `main` is the file that its further programs are started from. Throws with the
 * name of the variable that does not fit.
 */
export function readSettings(env: NodeJS.ProcessEnv, main: string): AgentSettings {
  return {
    socketPath: absolute('AAPANEL_AGENT_SOCKET', env['AAPANEL_AGENT_SOCKET'] ?? '/run/aapanel/agent.sock'),
    stateFolder: absolute('AAPANEL_AGENT_STATE', env['AAPANEL_AGENT_STATE'] ?? '/var/lib/aapanel-agent'),
    group: env['AAPANEL_AGENT_GROUP'] ?? 'root',
    idleMs: wholeNumber('AAPANEL_AGENT_IDLE_MS', env['AAPANEL_AGENT_IDLE_MS'] ?? '0'),
    rootPrefix: prefixOf(env['AAPANEL_AGENT_PREFIX'] ?? ''),
    program: [process.execPath, main],
    acme: {
      ...(env['AAPANEL_AGENT_ACME_DIRECTORY'] === undefined
        ? {}
        : { directory: httpsAddress('AAPANEL_AGENT_ACME_DIRECTORY', env['AAPANEL_AGENT_ACME_DIRECTORY']) }),
      ...(env['AAPANEL_AGENT_ACME_CA'] === undefined
        ? {}
        : { caBundle: absolute('AAPANEL_AGENT_ACME_CA', env['AAPANEL_AGENT_ACME_CA']) }),
      ...(env['AAPANEL_AGENT_ACME_STAGING'] === undefined
        ? {}
        : { staging: httpsAddress('AAPANEL_AGENT_ACME_STAGING', env['AAPANEL_AGENT_ACME_STAGING']) }),
      ...(env['AAPANEL_AGENT_ACME_DNS'] === undefined
        ? {}
        : { nameServers: nameServers('AAPANEL_AGENT_ACME_DNS', env['AAPANEL_AGENT_ACME_DNS']) }),
      ...(env['AAPANEL_AGENT_CLOUDFLARE_API'] === undefined
        ? {}
        : { cloudflareApi: httpsAddress('AAPANEL_AGENT_CLOUDFLARE_API', env['AAPANEL_AGENT_CLOUDFLARE_API']) }),
    },
    ...(env['AAPANEL_AGENT_NODE_MIRROR'] === undefined
      ? {}
      : {
          nodeMirror: httpsAddress('AAPANEL_AGENT_NODE_MIRROR', env['AAPANEL_AGENT_NODE_MIRROR']).replace(/\/+$/, ''),
        }),
    ...(env['AAPANEL_AGENT_PANEL_ENV'] === undefined
      ? {}
      : { panelEnvironment: absolute('AAPANEL_AGENT_PANEL_ENV', env['AAPANEL_AGENT_PANEL_ENV']) }),
  };
}

function absolute(name: string, value: string): string {
  const isPlain = /^\/[^\0\n]+$/.test(value) && !value.split('/').some((part) => part === '..' || part === '.');
  if (!isPlain) throw new Error(`${name} must be an absolute path`);
  return value.replace(/\/+$/, '');
}

function httpsAddress(name: string, value: string): string {
  if (!URL.canParse(value) || new URL(value).protocol !== 'https:') throw new Error(`${name} must be an https address`);
  return value;
}

function nameServers(name: string, value: string): string[] {
  const servers = value.split(',');
  if (!servers.every((server) => /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/.test(server)))
    throw new Error(`${name} must be a list of addresses, each with a port or without`);
  return servers;
}

function prefixOf(value: string): string {
  return value === '' ? '' : absolute('AAPANEL_AGENT_PREFIX', value);
}

function wholeNumber(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new Error(`${name} must be a whole number of milliseconds`);
  return Number(value);
}
