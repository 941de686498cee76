import { z } from 'zod';
import { ftpSettings, ftpWish } from '../ftp.ts';
import type { AgentAction } from './action.ts';

export const ftpReadSettings = {
  name: 'ftp.read_settings',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: ftpSettings,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 128 * 1024,
  summary: 'Who may sign in over FTP, and whether TLS is required',
} as const satisfies AgentAction;

/** Without TLS only with the word that says what it means; users are people of the machine who can sign in anyway. */
export const ftpPutSettings = {
  name: 'ftp.put_settings',
  permission: 'services.write',
  ticket: 'never',
  params: ftpWish,
  result: ftpSettings,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 128 * 1024,
  summary: 'Change who may sign in over FTP',
} as const satisfies AgentAction;
