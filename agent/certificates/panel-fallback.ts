import { z } from 'zod';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { launchDelivery } from '../alerts/deliver.ts';
import { alertsFolder } from '../alerts/hooks.ts';
import { raise } from '../alerts/raise.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';

/*
 * The panel shows its self-signed certificate because the one that was chosen ends or cannot be used: told once, and once that it
 * is over. The panel says so whenever it starts or this changes; what was told already is kept here.
 */

const told = z.object({ certificateId: z.string(), name: z.string(), validUntil: z.string() });
const none = { planId: null, targetId: null, runId: null, what: null, check: null, dueAt: null, reason: null } as const;

export async function tellPanelFallback(
  machine: Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot' | 'now'>,
  { fallback }: ActionParams<AgentActions['certificates.tell_panel_fallback']>,
): Promise<void> {
  const folder = backupsFolder(machine.stateFolder);
  const path = `${alertsFolder(folder)}/troubles/panel-certificate.json`;
  const text = readText(path);
  const before = text === undefined ? undefined : told.safeParse(JSON.parse(text)).data;
  const event = 'panel_certificate_fallback' as const;
  if (fallback === null) {
    if (before === undefined) return;
    const certificate = { ...before, stage: null };
    await raise(folder, { ...none, event: 'recovered', recoveredFrom: event, certificate }, machine.now());
    removeFile(path);
  } else {
    if (before?.certificateId === fallback.certificateId) return;
    const certificate = { ...fallback, stage: null };
    await raise(folder, { ...none, event, recoveredFrom: null, certificate }, machine.now());
    await putJsonFile(path, fallback);
  }
  await launchDelivery(machine);
}
