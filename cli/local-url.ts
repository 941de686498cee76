import type { Config } from '#server/config.ts';

/** Where this machine reaches its own panel. */
export function localUrl(config: Pick<Config, 'host' | 'port' | 'tls'>): string {
  const anywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  const host = anywhere[config.host] ?? (config.host.includes(':') ? `[${config.host}]` : config.host);
  return `${config.tls === null ? 'http' : 'https'}://${host}:${config.port}`;
}
