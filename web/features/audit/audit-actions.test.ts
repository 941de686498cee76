import { expect, it } from 'vitest';
import { api } from '#shared/api.ts';
import type { Operation } from '#shared/http.ts';
import { ar } from '../../i18n/ar/ar.ts';
import { auditActions } from './audit-actions.ts';

/** Written by the command line, with the panel or with the agent, and not by an operation of the API. */
const consoleActions = [
  // Opened by a GET, as every WebSocket is.
  'connectTerminal',
  'console_enable',
  'console_remove_factor',
  'console_set_password',
  // Of a shell that ended, whether somebody looked or not.
  'endTerminal',
  // By somebody who is not signed in: no operation of the API.
  'downloadFileLink',
  'newSignInLink',
  // A push, which is no operation of the API either.
  'receivePush',
  'resetPassword',
];

it('every action that leaves a line in the audit log has a title', () => {
  const operations: Operation[] = Object.values(api).flatMap((feature) => Object.values(feature));
  const changing = operations.filter(({ method }) => method !== 'GET').map(({ id }) => id);
  expect([...auditActions].sort()).toEqual([...changing, ...consoleActions].sort());
  expect(Object.keys(ar.audit.actions)).toEqual([...auditActions]);
});
