import { z } from 'zod';
import { aapanelBase, aapanelReport } from '../aapanel.ts';
import type { AgentAction } from './action.ts';

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
