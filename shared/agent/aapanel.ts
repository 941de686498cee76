import { z } from 'zod';
import { aapanelBase, aapanelName, aapanelReport } from '../aapanel.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';
import { shelved } from './certificates.ts';

export const aapanelRead = {
  name: 'aapanel.read',
  permission: 'settings.write',
  ticket: 'always',
  params: z.strictObject({ base: aapanelBase }),
  result: aapanelReport,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'Read the sites of an aaPanel on this server, or in a copy of another server, without writing anything',
} as const satisfies AgentAction;

/** Checked like one that somebody brings. Its key is read here and shown to nobody. */
export const aapanelTakeCertificate = {
  name: 'aapanel.take_certificate',
  permission: 'settings.write',
  ticket: 'always',
  params: z.strictObject({ base: aapanelBase, name: aapanelName, certificateId: id, changeId: id }),
  result: shelved,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 64 * 1024,
  summary: 'Put the certificate of a site of an aaPanel on the shelf, with its key',
} as const satisfies AgentAction;
