import { request as requestPlain, type RequestOptions } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { https } from '#shared/lazy-node.ts';
import type { Machine } from '../core/machine.ts';
import { webPortsOf } from '../core/machine.ts';
import { findMaster } from '../nginx/nginx.process.ts';
import { releaseHeader } from '../nginx/nginx.release.ts';
import type { SiteRecord } from '../sites/site-records.ts';
import { targetsOf } from '../sites/site-serving.ts';

/** What a release said. `status` 0: it did not answer. */
export type Health = { readonly isGood: boolean; readonly status: number };

const tries = 3;
const patienceMs = 15_000;

/** Whether anybody can ask the site now: it is on, served by the running nginx, and not closed for maintenance. */
export function canAsk(machine: Machine, { isEnabled, isolated, settings }: SiteRecord): boolean {
  return (
    isEnabled &&
    isolated === null &&
    findMaster(machine.prefix) !== undefined &&
    settings?.behaviour?.maintenance.isOn !== true
  );
}

/** Asks nginx for the site as a visitor would, until the answer is good or tries are over. `token`: of the next release. */
export async function askHealth(
  machine: Machine,
  { domains, settings }: Pick<SiteRecord, 'domains' | 'settings'>,
  { path, token, endsAt }: { readonly path: string; readonly token: string | null; readonly endsAt: number },
): Promise<Health> {
  const tls = settings?.tls ?? null;
  const targets = targetsOf(machine, { domains, tls }, undefined);
  const target = targets.find(({ fingerprint }) => fingerprint !== undefined) ?? targets[0];
  let status = 0;
  for (let round = 0; round < tries && target !== undefined && Date.now() < endsAt; round++) {
    if (round > 0) await wait(300 * round);
    status = await ask(
      { ...target, isTls: target.fingerprint !== undefined },
      path,
      token,
      Math.min(patienceMs, endsAt - Date.now()),
      webPortsOf(machine),
    );
    if (isGoodStatus(status)) return { isGood: true, status };
  }
  return { isGood: false, status };
}

/** Everything but "not there" and "broken"; 401: the site asks for a password, which nobody has here. */
function isGoodStatus(status: number): boolean {
  return (status >= 200 && status < 400) || status === 401;
}

async function ask(
  { host, port, isTls }: { readonly host: string; readonly port: number; readonly isTls: boolean },
  path: string,
  token: string | null,
  timeoutMs: number,
  usual: { readonly http: number; readonly https: number },
): Promise<number> {
  const name = host.replace(/^\*\./, 'aapanel-probe.');
  const isUsual = port === (isTls ? usual.https : usual.http) && (port === 80 || port === 443);
  const options: RequestOptions & { readonly servername?: string; readonly rejectUnauthorized?: boolean } = {
    host: '127.0.0.1',
    port,
    path,
    agent: false,
    timeout: timeoutMs,
    headers: {
      host: isUsual ? name : `${name}:${port}`,
      'user-agent': 'aapanel-health',
      ...(token === null ? {} : { [releaseHeader]: token }),
    },
    // Whether a browser would trust it is not the question here.
    ...(isTls ? { servername: name, rejectUnauthorized: false } : {}),
  };
  return await new Promise((resolve) => {
    const sent = (isTls ? https().request : requestPlain)(options, (response) => {
      // The rest of the answer says nothing more, and may have no end.
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve(0));
    sent.end();
  });
}
