import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteDomain } from '#shared/sites.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import { answersMarker, type Target } from '../nginx/nginx.answers.ts';
import { raiseFileLimit } from '../nginx/nginx.limits.ts';
import { findPortHolder, ownAddresses, poll, reload, type Reload } from '../nginx/nginx.process.ts';
import { portTaken } from './site-checks.ts';

/** How long the running nginx may take to load its files and answer, at most. */
const longestMs = 8_000;

/** Each name and port under which a site must be seen to answer; `fingerprint`: of the certificate it must show there. */
export function targetsOf(
  machine: Machine,
  spec: { readonly domains: readonly SiteDomain[]; readonly tls: SiteSpec['tls'] },
  fingerprint: string | undefined,
): Target[] {
  const ports = webPortsOf(machine);
  const isSecure = spec.tls !== null;
  const plain = spec.domains.filter(({ port }) => !isSecure || port !== ports.https);
  const secure = isSecure ? spec.domains.filter(({ port }) => port === ports.http || port === ports.https) : [];
  return [...plain, ...secure.map(({ host }) => ({ host, port: ports.https, fingerprint: fingerprint ?? null }))];
}

export type Serving = {
  activate(): Promise<void>;
  /** Ends when nginx is seen to serve the new text; throws in nginx's own words otherwise. */
  probe(): Promise<void>;
  /** After the proof: whether no process of nginx answers from the old text any more. */
  readonly hasLetGo: () => boolean;
  /** Whether a running nginx was told. */
  readonly isServing: boolean;
};

/**
 * Reload and proof. With a marker the site's own new text must answer on each of its ports, so a default server, another
 * site or an old worker is never taken for it. Without one (removal, disabled, adopted text) new workers must run.
 */
export function createServing(
  machine: Machine,
  { targets, marker, deadlineAt }: { targets: readonly Target[]; marker: string | undefined; deadlineAt: number },
): Serving {
  let current: Reload | undefined;
  return {
    get isServing() {
      return current !== undefined;
    },
    async activate() {
      await raiseFileLimit(machine);
      current = reload(machine.prefix);
    },
    hasLetGo: () => current?.hasLetGo() ?? true,
    async probe() {
      if (current === undefined) return;
      const told = current;
      const waiting = new Map(marker === undefined ? [] : targets.toReversed().map((target) => [target.port, target]));
      const addresses = ownAddresses();
      let round = 0;
      let complaint: string | undefined;
      const isDone = async (): Promise<boolean> => {
        round++;
        // nginx's log is looked at now and then only: most reloads succeed.
        if (round % 5 === 0) complaint = told.complaint();
        if (complaint !== undefined) return true;
        if (marker === undefined) return told.isTaken();
        const address = addresses[round < 300 ? 0 : round % addresses.length];
        for (const [port, target] of waiting)
          if (await answersMarker(target, marker, address)) waiting.delete(port);
          else return false;
        return true;
      };
      const isInTime = await poll(isDone, Math.min(Date.now() + longestMs, deadlineAt - 1_000));
      complaint ??= isInTime ? undefined : told.complaint();
      if (complaint !== undefined) throw refusedBy(machine, complaint);
      if (!isInTime) throw notAnswering([...waiting.values()][0] ?? targets[0]);
    },
  };
}

function refusedBy(machine: Machine, complaint: string): AppError {
  const port = /bind\(\) to (?:\[.*\]|[\d.]+):(\d+) failed \(98/.exec(complaint)?.[1];
  if (port !== undefined) return portTaken(Number(port), findPortHolder(Number(port), machine.prefix) ?? '?');
  return nginxRejected(machine.prefix === '' ? complaint : complaint.replaceAll(machine.prefix, ''));
}

export function nginxRejected(message: string): AppError {
  return new AppError('config_rejected', 'nginx refused the configuration; the old one is still running.', {
    reason: 'nginx_rejected',
    params: { message: message.slice(0, 2_000) },
  });
}

export function notAnswering(domain: Pick<Target, 'host' | 'port'> | undefined): AppError {
  return new AppError('config_rejected', 'nginx did not serve the site after the change; the old state is back.', {
    reason: 'site_not_answering',
    params: { domain: domain?.host ?? '', port: domain?.port ?? 0 },
  });
}
