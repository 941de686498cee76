import { networkInterfaces } from 'node:os';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { CertificateOrder } from '#shared/certificates.ts';
import { AppError } from '#shared/errors.ts';
import type { Call } from '../core/call.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { foreignNames, nginxPaths } from '../nginx/nginx.files.ts';
import { findMaster, nginxLock } from '../nginx/nginx.process.ts';
import { challengeFolder } from '../nginx/nginx.render.ts';
import { word } from '../nginx/nginx.words.ts';
import { baseWants, checkCandidate } from '../sites/sites.apply.ts';
import { createServing } from '../sites/site-serving.ts';
import { selfOwner } from '../sites/site-records.ts';
import { sharedText } from '../sites/site-texts.ts';
import { seenOrder } from './dns/by-hand.ts';
import { startOrder } from './issue.ts';
import { findOrder } from './orders.ts';
import { allStored, findStored, type Stored } from './shelf.ts';

/*
 * A certificate for the name of the panel itself, which no site needs to have: nginx answers the path of challenges for it on
 * port 80, and nothing else. It is ordered and renewed like those of sites; only whom it belongs to is another: no site.
 */

/** Ordered for the panel, not for a site. */
export function isForPanel({ record }: Pick<Stored, 'record'>): boolean {
  return record.acme !== null && record.acme.siteId === null;
}

/** Starts the order, or finds it: the same id never starts a second one. Throws `acme_no_nginx`, `acme_host`. */
export async function issueForPanel(
  machine: Machine,
  given: ActionParams<AgentActions['certificates.issue_for_panel']>,
  call: Call,
): Promise<CertificateOrder> {
  const { orderId, host } = given;
  const present = findOrder(machine, orderId);
  if (present !== undefined) return seenOrder(machine, present, Date.now());
  if (host.startsWith('*.'))
    throw new AppError('invalid_request', 'A wildcard cannot be proven over port 80.', {
      reason: 'acme_host',
      params: { host },
    });
  // Ordered anew it stays the same one of the shelf.
  const known = allStored(machine).find((each) => isForPanel(each) && each.record.acme?.hosts.join() === host);
  const certificateId = known?.certificateId ?? given.certificateId;
  if (known === undefined && findStored(machine, certificateId) !== undefined)
    throw new AppError('already_exists', 'There is a certificate with this id.', { reason: 'certificate_exists' });
  await answerChallenges(machine, [host], call);
  const facts = { siteId: null, keyKind: 'ecdsa', email: '', proof: { kind: 'http' } } as const;
  const order = { orderId, certificateId, ...facts, hosts: [host], isRenewal: known !== undefined };
  return await startOrder(machine, order);
}

/** Has nginx answer challenges for these names; where somebody else's server has one of them, that one must. */
export async function answerChallenges(machine: Machine, hosts: readonly string[], call: Call): Promise<void> {
  await machine.locks.hold(nginxLock, call.deadlineAt, () => serveNames(machine, hosts, call));
}

async function serveNames(machine: Machine, hosts: readonly string[], { actor, deadlineAt }: Call): Promise<void> {
  const { prefix } = machine;
  if (findMaster(prefix) === undefined)
    throw new AppError('in_use', 'nginx does not run.', { reason: 'acme_no_nginx' });
  const port = webPortsOf(machine).http;
  const foreign = foreignNames(prefix);
  const kept = allStored(machine).flatMap((each) => (isForPanel(each) ? (each.record.acme?.hosts ?? []) : []));
  const names = [...new Set([...kept, ...hosts])].filter((host) => !foreign.has(`${host}:${port}`)).sort();
  if (names.length === 0) return;
  const shared = await sharedText(machine);
  const text = renderPanelName(names, { prefix, port, hasIpv6: hasIpv6Addresses() });
  const serving = createServing(machine, { targets: [], marker: undefined, deadlineAt: deadlineAt - 5_000 });
  const path = nginxPaths(prefix).panel;
  const file: Want = { kind: 'file', path, bytes: Buffer.from(text), mode: 0o644, ...selfOwner(machine) };
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'certificates.issue_for_panel',
    actor: actor.id,
    wants: [...baseWants(machine, shared), file],
    validate: () => checkCandidate(machine, '', null, `${shared}${text}`),
    activate: () => serving.activate(),
    probe: () => serving.probe(),
  });
}

/** What goes with the last certificate that was ordered for the panel. */
export function panelNameWants(machine: Machine, removed: Stored): Want[] {
  if (!isForPanel(removed)) return [];
  const others = allStored(machine).filter((each) => each.certificateId !== removed.certificateId && isForPanel(each));
  return others.length > 0 ? [] : [{ kind: 'remove', path: nginxPaths(machine.prefix).panel }];
}

/** The server of the panel's names on port 80. Sites stand before it in nginx's order: one of the same name answers itself. */
export function renderPanelName(
  names: readonly string[],
  { prefix, port, hasIpv6 }: { readonly prefix: string; readonly port: number; readonly hasIpv6: boolean },
): string {
  return `# Written by aaPanel. Answers the authority for the name of the panel itself, and nothing else.
# كتبته لوحة aaPanel: يجيب سلطة التصديق عن اسم اللوحة نفسها ولا يجيب عن غير ذلك.
server {
    listen ${port};
${hasIpv6 ? `    listen [::]:${port};\n` : ''}    server_name ${names.map(word).join(' ')};
    server_tokens off;
    access_log off;
    location ^~ /.well-known/acme-challenge/ {
        root ${word(`${prefix}${challengeFolder}`)};
        default_type text/plain;
        try_files $uri =404;
    }
    location / {
        return 404;
    }
}
`;
}

function hasIpv6Addresses(): boolean {
  return Object.values(networkInterfaces()).some((list) => (list ?? []).some(({ family }) => family === 'IPv6'));
}
