import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { Machine } from '../core/machine.ts';
import { caaIdentities } from './caa.ts';
import { accountsAt, defaultDirectory } from './certbot.ts';
import { acmeFolder, manualFolder } from './orders.ts';

/** What CAA records would have to say for this server alone to get certificates. */
export async function describeAuthority(
  machine: Machine,
  certificateId: string | null,
): Promise<ActionResult<AgentActions['certificates.authority']>> {
  const directory = machine.settings.acme?.directory ?? defaultDirectory;
  const folders = [acmeFolder(machine), ...(certificateId === null ? [] : [manualFolder(machine, certificateId)])];
  const accounts = folders.flatMap((folder) => accountsAt(folder, directory));
  // They stand in quotes there; an authority's own are plain addresses.
  const isPlain = (text: string): boolean => /^[!#-:<-~]{1,500}$/.test(text);
  return {
    identities: (await caaIdentities(machine.settings)).filter(isPlain).slice(0, 10),
    accounts: [...new Set(accounts)].filter(isPlain).slice(0, 10),
  };
}
