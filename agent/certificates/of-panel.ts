import { z } from 'zod';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { id } from '#shared/http.ts';
import { makeFolders, putFile, readText, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { certificatesFolder, findStored, getStored, readKey } from './shelf.ts';

/*
 * Which certificate of the shelf the panel itself shows. A person with a fresh factor chooses it; the web process, which is
 * not root, then gets the key of this one and of no other. One that was ordered for the panel was chosen with that. While the choice waits for its confirmation the one before counts too.
 */

type Where = Pick<Machine, 'stateFolder'>;

const choice = z.object({ certificateIds: z.array(id).max(2) });
/** On the shelf itself: a backup of the panel has it too. */
const pathOf = (where: Where): string => `${certificatesFolder(where)}/of-panel.json`;

function chosen(where: Where): string[] {
  const text = readText(pathOf(where));
  return text === undefined ? [] : choice.parse(JSON.parse(text)).certificateIds;
}

/** Whether the panel itself shows a certificate, or may go back to it. */
export function isOfPanel(where: Where, certificateId: string): boolean {
  return chosen(where).includes(certificateId);
}

/** Throws `certificate_unknown`. */
export async function chooseForPanel(
  where: Where,
  { certificateId, followedId }: ActionParams<AgentActions['certificates.choose_for_panel']>,
): Promise<void> {
  getStored(where, certificateId);
  // Only what somebody chose before stays.
  const before = chosen(where).filter((each) => each === followedId && each !== certificateId);
  await keep(where, [certificateId, ...before]);
}

async function keep(where: Where, certificateIds: readonly string[]): Promise<void> {
  makeFolders(certificatesFolder(where));
  const unsynced = new Unsynced();
  putFile(pathOf(where), Buffer.from(JSON.stringify({ certificateIds })), { mode: 0o600 }, 'choice', unsynced);
  await unsynced.flush();
}

/** With the pair only when it is another one than the panel knows. */
export async function certificateOfPanel(
  where: Where,
  { certificateId, isSettled, knownFingerprint }: ActionParams<AgentActions['certificates.of_panel']>,
): Promise<ActionResult<AgentActions['certificates.of_panel']>> {
  const ids = chosen(where);
  const asked = certificateId === null ? undefined : findStored(where, certificateId);
  const isOrdered = asked?.record.acme?.siteId === null;
  const kept = certificateId !== null && (isOrdered || ids.includes(certificateId)) ? [certificateId] : [];
  // What was chosen is only ever forgotten here.
  if (isSettled ? kept.join() !== ids.join() : isOrdered && !ids.includes(asked.certificateId))
    await keep(where, isSettled ? kept : [...kept, ...ids.slice(0, 1)]);
  const stored = kept.length === 0 ? undefined : asked;
  if (stored === undefined) return { isKnown: false, pair: null };
  if (stored.leaf.fingerprint256 === knownFingerprint) return { isKnown: true, pair: null };
  return { isKnown: true, pair: { certificate: stored.chain, key: readKey(where, stored) } };
}
