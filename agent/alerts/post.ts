import { createHmac } from 'node:crypto';
import { request as requestPlain, type RequestOptions } from 'node:http';
import { https, tls } from '#shared/lazy-node.ts';
import type { BackupAlert, HookOutcome } from '#shared/backup-alerts.ts';
import { errnoOf } from '../core/files.ts';
import { AddressRefused, guardedLookup, refuseLiteral } from './address.ts';
import type { HookRecord } from './hooks.ts';

/*
 * One message to one hook. Not `fetch`: the address of the connection is checked here, and no redirect is ever followed.
 */

export const postTimeoutMs = 10_000;

/** Never throws: how it went is the answer. */
export async function postAlert(
  hook: Pick<HookRecord, 'url' | 'secret'>,
  alert: BackupAlert,
  now: () => number,
  timeoutMs = postTimeoutMs,
): Promise<HookOutcome> {
  const outcome = (status: number | null, reason: string | null): HookOutcome => ({
    at: new Date(now()).toISOString(),
    event: alert.event,
    isDelivered: reason === null,
    status,
    reason,
  });
  try {
    const body = JSON.stringify(alert);
    const status = await send(hook.url, body, signed(hook, body, now()), AbortSignal.timeout(timeoutMs));
    return outcome(status, status >= 200 && status < 300 ? null : 'backup_hook_refused');
  } catch (error) {
    return outcome(null, reasonOf(error));
  }
}

function signed({ secret }: Pick<HookRecord, 'secret'>, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const headers = { 'X-Aapanel-Timestamp': timestamp };
  if (secret.kind === 'none') return headers;
  const signature = createHmac('sha256', secret.key).update(`${timestamp}.${body}`).digest('hex');
  return { ...headers, 'X-Aapanel-Signature': `sha256=${signature}` };
}

/** Answers the status. What the other side says besides is not read. */
async function send(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  if (refuseLiteral(url)) throw new AddressRefused();
  const isTls = new URL(url).protocol === 'https:';
  const options: RequestOptions = {
    method: 'POST',
    signal,
    agent: false,
    lookup: guardedLookup,
    maxHeaderSize: 16 * 1024,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      'User-Agent': 'aapanel-alerts',
      ...headers,
    },
  };
  return await new Promise((resolve, reject) => {
    const onAnswer = (answer: { statusCode?: number | undefined; destroy(): unknown }): void => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    };
    const call = isTls
      ? https().request(url, { ...options, ca: authorities() }, onAnswer)
      : requestPlain(url, options, onAnswer);
    call.on('error', reject);
    call.end(body);
  });
}

/** Those that Node carries and those of the machine: many have an authority of their own. */
function authorities(): string[] {
  return [...tls().getCACertificates('default'), ...tls().getCACertificates('system')];
}

function reasonOf(error: unknown): string {
  if (error instanceof AddressRefused) return 'backup_hook_address';
  if (error instanceof Error && error.name === 'AbortError') return 'backup_hook_timeout';
  const code = errnoOf(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'backup_hook_name';
  if (code === 'ETIMEDOUT') return 'backup_hook_timeout';
  if (/CERT|^ERR_(TLS|SSL)|SELF_SIGNED|UNABLE_TO|^EPROTO$/.test(code)) return 'backup_hook_tls';
  return 'backup_hook_unreachable';
}
