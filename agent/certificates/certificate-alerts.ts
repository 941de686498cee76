import { z } from 'zod';
import { endingStages } from '#shared/certificate-trouble.ts';
import { launchDelivery } from '../alerts/deliver.ts';
import { alertsFolder } from '../alerts/hooks.ts';
import { raise, type Alert } from '../alerts/raise.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { listNames, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { listOrders } from './orders.ts';
import { allStored, type Stored } from './shelf.ts';
import { isUsed, troubleOf } from './trouble.ts';

/*
 * Certificates that end soon, or whose renewal fails, are told to those who hear the alerts: each step once, and once that
 * it is over. Looked at by the timer and at the end of each order, also while the panel is down.
 */

type Teller = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot' | 'now'>;

const told = z.object({
  kind: z.enum(['renewal_failed', 'ending', 'revoked']),
  stage: z.enum(endingStages).nullable(),
});
type Told = z.infer<typeof told>;

const prefix = 'certificate.';

/** Never keeps a certificate from being renewed. */
export async function tellCertificates(machine: Teller): Promise<void> {
  try {
    await tellAll(machine);
  } catch (error) {
    logLine('error', 'what stands against certificates was not told', { error: String(error) });
  }
  await launchDelivery(machine);
}

async function tellAll(machine: Teller): Promise<void> {
  const folder = backupsFolder(machine.stateFolder);
  const toldFolder = `${alertsFolder(folder)}/troubles`;
  const now = machine.now();
  const orders = listOrders(machine);
  const all = allStored(machine);
  for (const stored of all) {
    const path = `${toldFolder}/${prefix}${stored.certificateId}.json`;
    const before = readTold(path);
    const trouble = troubleOf(machine, stored, orders, now);
    if (trouble === null) {
      if (before === undefined) continue;
      // One that nobody is served with any more has got no better: that is no news.
      if (isUsed(machine, stored)) await raise(folder, recoveryOf(stored, before), now);
      removeFile(path);
    } else if (before === undefined || rankOf(trouble) > rankOf(before)) {
      await raise(folder, alertOf(stored, trouble), now);
      await putJsonFile(path, { kind: trouble.kind, stage: trouble.stage });
    }
  }
  const names = new Set(all.map(({ certificateId }) => `${prefix}${certificateId}.json`));
  for (const name of listNames(toldFolder))
    if (name.startsWith(prefix) && !names.has(name)) removeFile(`${toldFolder}/${name}`);
}

function readTold(path: string): Told | undefined {
  const text = readText(path);
  return text === undefined ? undefined : told.safeParse(JSON.parse(text)).data;
}

/** What is worse than the last thing told is told; what is no worse is known already. */
function rankOf({ kind, stage }: Told): number {
  if (kind === 'revoked') return endingStages.length;
  return stage === null ? 0 : endingStages.indexOf(stage);
}

const eventOf = {
  renewal_failed: 'certificate_renewal_failed',
  ending: 'certificate_ending',
  revoked: 'certificate_revoked',
} as const;
const aboutNoBackup = { planId: null, targetId: null, runId: null, what: null, check: null, dueAt: null } as const;

function alertOf(stored: Stored, { kind, stage, reason }: NonNullable<ReturnType<typeof troubleOf>>): Alert {
  return { ...aboutNoBackup, event: eventOf[kind], reason, recoveredFrom: null, certificate: factsOf(stored, stage) };
}

function recoveryOf(stored: Stored, { kind }: Told): Alert {
  const recoveredFrom = eventOf[kind];
  return { ...aboutNoBackup, event: 'recovered', reason: null, recoveredFrom, certificate: factsOf(stored, null) };
}

function factsOf({ certificateId, record, leaf }: Stored, stage: Told['stage']): NonNullable<Alert['certificate']> {
  return { certificateId, name: record.name, validUntil: leaf.validToDate.toISOString(), stage };
}
