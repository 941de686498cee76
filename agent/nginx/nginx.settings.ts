import type { NginxSettings } from '#shared/nginx-settings.ts';
import { AppError } from '#shared/errors.ts';
import type { Call } from '../core/call.ts';
import { putFile, removeFile, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { selfOwner } from '../sites/site-records.ts';
import { createServing, nginxRejected } from '../sites/site-serving.ts';
import { askNginx, findNginx } from './nginx.check.ts';
import { nginxPaths } from './nginx.files.ts';
import { newChangeId } from './nginx.isolate.ts';
import { parseDirectives, TokenError, type Directive } from './nginx.tokens.ts';
import { readText } from '../core/files.ts';

/*
 * A handful of directives in the distribution's own nginx.conf, each written where it stands, or as the first of its
 * block. Everything else in the file stays to the letter.
 */

type Place = 'main' | 'events' | 'http';
type Setting = readonly [place: Place, name: string, value: string];

/** nginx's own defaults (ngx_core_module, ngx_http_core_module, ngx_http_gzip_module), for what no file says. */
export const nginxDefaults: NginxSettings = {
  workers: 1,
  connections: 512,
  keepaliveSeconds: 75,
  bodyMib: 1,
  gzip: false,
  gzipLevel: 1,
  hidesVersion: false,
};

const shownAs = '/etc/nginx/nginx.conf';
const maxBytes = 1_024 * 1_024;

/** Throws `nginx_missing`, `nginx_file_unreadable`. */
export function readNginxSettings({ prefix }: Pick<Machine, 'prefix'>): NginxSettings {
  const { directives } = mainFile(prefix);
  const said = (place: Place, name: string): string | undefined =>
    blockOf(directives, place)?.find((each) => each.name === name)?.args[0];
  const number = (place: Place, name: string, otherwise: number): number => {
    const value = Number.parseInt(said(place, name) ?? '', 10);
    return Number.isNaN(value) ? otherwise : value;
  };
  const workers = said('main', 'worker_processes');
  return {
    workers: workers === 'auto' ? null : number('main', 'worker_processes', 1),
    connections: number('events', 'worker_connections', nginxDefaults.connections),
    keepaliveSeconds: secondsOf(said('http', 'keepalive_timeout')) ?? nginxDefaults.keepaliveSeconds,
    bodyMib: mibOf(said('http', 'client_max_body_size')) ?? nginxDefaults.bodyMib,
    gzip: said('http', 'gzip') === 'on',
    gzipLevel: number('http', 'gzip_comp_level', nginxDefaults.gzipLevel),
    hidesVersion: said('http', 'server_tokens') === 'off',
  };
}

/** nginx's units: `65`, `65s`, `2m`, `1h`. Others are not told apart here. */
function secondsOf(value: string | undefined): number | undefined {
  const [, count, unit] = /^(\d+)([smh]?)$/.exec(value ?? '') ?? [];
  if (count === undefined) return undefined;
  return Math.min(3_600, Number(count) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1));
}

/** `8m`, `1g`, `512k`, bytes; 0 means without end, which is the most that can be said here. */
function mibOf(value: string | undefined): number | undefined {
  const [, count, unit] = /^(\d+)([kmg]?)$/i.exec(value ?? '') ?? [];
  if (count === undefined) return undefined;
  if (Number(count) === 0) return 102_400;
  const bytes = Number(count) * ({ k: 1_024, m: 1_048_576, g: 1_073_741_824 }[unit?.toLowerCase() ?? ''] ?? 1);
  return Math.min(102_400, Math.max(1, Math.round(bytes / 1_048_576)));
}

/** Throws `nginx_rejected` with nginx's own words, when a file of others says the same thing again for instance. */
export async function putNginxSettings(machine: Machine, wanted: NginxSettings, call: Call): Promise<NginxSettings> {
  const { prefix } = machine;
  const paths = nginxPaths(prefix);
  const now = readNginxSettings(machine);
  const changed = settingsOf(wanted).filter(([place, name, value]) => {
    const before = settingsOf(now).find((each) => each[0] === place && each[1] === name);
    return before?.[2] !== value;
  });
  const text = withSettings(mainFile(prefix).text, changed);
  const serving = createServing(machine, { targets: [], marker: undefined, deadlineAt: call.deadlineAt - 5_000 });
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'nginx.put_settings',
    actor: call.actor.id,
    wants: [{ kind: 'file', path: paths.main, bytes: Buffer.from(text), mode: 0o644, ...selfOwner(machine), shownAs }],
    async validate() {
      const unsynced = new Unsynced();
      putFile(paths.candidate, Buffer.from(text), { mode: 0o600 }, 'check', unsynced);
      unsynced.drop();
      try {
        const complaint = await askNginx(prefix, paths.candidate);
        if (complaint !== undefined) throw nginxRejected(complaint.message.replaceAll(paths.candidate, shownAs));
      } finally {
        removeFile(paths.candidate);
      }
    },
    activate: () => serving.activate(),
    probe: () => serving.probe(),
  });
  return readNginxSettings(machine);
}

function settingsOf(settings: NginxSettings): Setting[] {
  return [
    ['main', 'worker_processes', settings.workers === null ? 'auto' : String(settings.workers)],
    ['events', 'worker_connections', String(settings.connections)],
    ['http', 'keepalive_timeout', `${settings.keepaliveSeconds}s`],
    ['http', 'client_max_body_size', `${settings.bodyMib}m`],
    ['http', 'gzip', settings.gzip ? 'on' : 'off'],
    ['http', 'gzip_comp_level', String(settings.gzipLevel)],
    ['http', 'server_tokens', settings.hidesVersion ? 'off' : 'on'],
  ];
}

/** Each where it stands, or as the first line of its block. */
export function withSettings(text: string, settings: readonly Setting[]): string {
  return settings.reduce((before, [place, name, value]) => {
    const directives = parse(before);
    const block = blockOf(directives, place);
    if (block === undefined) throw unreadable();
    const found = block.find((each) => each.name === name);
    const line = `${name} ${value};`;
    if (found !== undefined) return before.slice(0, found.start) + line + before.slice(found.end);
    if (place === 'main') return `${line}\n${before}`;
    const opening = directives.find((each) => each.name === place && each.block !== null);
    const at = before.indexOf('{', opening?.start ?? 0) + 1;
    return `${before.slice(0, at)}\n\t${line}${before.slice(at)}`;
  }, text);
}

function blockOf(directives: readonly Directive[], place: Place): readonly Directive[] | undefined {
  if (place === 'main') return directives;
  return directives.find(({ name, block }) => name === place && block !== null)?.block ?? undefined;
}

function mainFile(prefix: string): { readonly text: string; readonly directives: readonly Directive[] } {
  if (findNginx(prefix) === undefined)
    throw new AppError('in_use', 'nginx is not installed.', { reason: 'nginx_missing' });
  const text = readText(nginxPaths(prefix).main, maxBytes);
  if (text === undefined) throw unreadable();
  return { text, directives: parse(text) };
}

function parse(text: string): Directive[] {
  try {
    return parseDirectives(text);
  } catch (error) {
    if (error instanceof TokenError) throw unreadable();
    throw error;
  }
}

function unreadable(): AppError {
  return new AppError('config_rejected', 'nginx.conf cannot be read as nginx would.', {
    reason: 'nginx_file_unreadable',
    params: { file: shownAs },
  });
}
