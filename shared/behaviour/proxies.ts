import { z } from 'zod';
import { readSocketAddress } from '../socket-address.ts';
import { sentHost, seconds } from './forward.ts';
import { cacheMinutes } from './proxy-cache.ts';
import { isReplacedOnce, replacements } from './replacements.ts';
import { plainValue, rulePath } from './words.ts';

/** `host:port` of an application: a name, an IPv4 address or an IPv6 address in brackets; or `unix:/run/app.sock`. */
export const serverAddress = z
  .string()
  .max(280)
  .refine((text) => !text.startsWith('unix:') || readSocketAddress(text) === text.slice(5), {
    error: 'upstream_socket',
    abort: true,
  })
  .regex(/^(?:unix:.+|(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]*:[0-9a-f:]*\]):[1-9]\d{0,4})$/, {
    error: 'server_address_invalid',
    abort: true,
  })
  .refine((text) => text.startsWith('unix:') || Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, {
    error: 'port_invalid',
  });

/** What every proxied request carries already, or what would break it. */
const reserved =
  /^(?:host|connection|upgrade|content-length|transfer-encoding|te|trailer|x-real-ip|x-request-id|x-forwarded-.*)$/i;

export const balances = ['round_robin', 'least_conn', 'ip_hash'] as const;

/** Requests below a path go to an application; several servers share them. */
export const pathProxy = z
  .strictObject({
    path: rulePath.refine((path) => path !== '/', { error: 'proxy_path_root' }),
    scheme: z.enum(['http', 'https']).default('http'),
    servers: z
      .array(
        z.strictObject({
          address: serverAddress,
          /** Share of the requests against the others. */
          weight: z.int().min(1).max(100).default(1),
          /** Only when none of the others answers. */
          isBackup: z.boolean().default(false),
        }),
      )
      .min(1, { error: 'required' })
      .max(20),
    balance: z.enum(balances).default('round_robin'),
    /** The application does not see the path before what follows it: `/api/x` becomes `/x`. */
    isPathStripped: z.boolean().default(false),
    isWebsocket: z.boolean().default(true),
    /** The name that the visitor asked for, that of the first server, or one of its own. */
    sentHost: z.enum(['visitor', 'server', 'own']).default('visitor'),
    ownHost: sentHost.default(''),
    connectSeconds: z.int().min(1).max(75).default(10),
    /** How long the application may take nothing of the request; null: as long as it may be silent. */
    sendSeconds: seconds.nullable().default(null),
    /** How long the application may be silent. */
    answerSeconds: seconds.default(60),
    /** How long nginx keeps its answers, where they say nothing of their own; null: not at all. */
    cacheMinutes: cacheMinutes.default(null),
    /** Request headers for the application. */
    headers: z
      .array(
        z.strictObject({
          name: z
            .string()
            .max(100)
            .regex(/^[A-Za-z][A-Za-z0-9-]*$/, { error: 'header_name_invalid' })
            .refine((name) => !reserved.test(name), { error: 'header_reserved' }),
          value: plainValue(1_000),
        }),
      )
      .max(20)
      .default([]),
    replacements,
    isReplacedOnce,
  })
  .superRefine(({ servers, balance, headers, scheme, sentHost: sent, ownHost }, context) => {
    const say = (message: string, path: (string | number)[]): void =>
      context.addIssue({ code: 'custom', message, path, input: undefined });
    if (servers.length > 0 && servers.every(({ isBackup }) => isBackup))
      say('server_all_backup', ['servers', 0, 'isBackup']);
    if (sent === 'own' && ownHost === '') say('required', ['ownHost']);
    // A socket's own end needs no encryption, and a certificate for it has no name.
    const socket = servers.findIndex(({ address }) => address.startsWith('unix:'));
    if (scheme === 'https' && socket !== -1) say('server_socket_https', ['servers', socket, 'address']);
    const backup = servers.findIndex(({ isBackup }) => isBackup);
    if (balance === 'ip_hash' && backup !== -1) say('server_backup_hash', ['servers', backup, 'isBackup']);
    const names = headers.map(({ name }) => name.toLowerCase());
    for (const [index, name] of names.entries())
      if (names.indexOf(name) !== index) say('header_repeated', ['headers', index, 'name']);
  });
export type PathProxy = z.infer<typeof pathProxy>;

export const pathProxies = z
  .array(pathProxy)
  .max(50)
  .superRefine((list, context) => {
    const paths = list.map(({ path }) => path.replace(/\/$/, ''));
    for (const [index, path] of paths.entries())
      if (paths.indexOf(path) !== index)
        context.addIssue({ code: 'custom', message: 'proxy_path_repeated', path: [index, 'path'], input: path });
  });

/**
 * What a static site answers where no file is: `none` 404; `spa` the start page, for applications that run in the browser;
 * `clean` the file with `.html` behind its name, as generators of static sites write them.
 */
export const fallbacks = ['none', 'spa', 'clean'] as const;
