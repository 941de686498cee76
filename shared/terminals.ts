import { z } from 'zod';
import { roleRecordings } from './access.ts';
import { empty, id, instant, type Operation } from './http.ts';

/** As whom: the Linux user of a site, root, or an account on a saved host. */
export const terminalUsers = ['site', 'root', 'host'] as const;
export type TerminalUser = (typeof terminalUsers)[number];

/** Whose terminals the panel's setting has recorded: nobody's, root's and those on saved hosts, everybody's. */
export const recordedTerminals = ['none', 'root', 'all'] as const;

/** What decides whether a person's next terminal is recorded: their role, then the panel's setting, then they themselves. */
export const recordingRule = z.object({ role: z.enum(roleRecordings), recorded: z.enum(recordedTerminals) });
export type RecordingRule = z.infer<typeof recordingRule>;

export function isRecordedBy({ role, recorded }: RecordingRule, kind: TerminalUser, isWished: boolean): boolean {
  if (role !== 'chosen') return role === 'always';
  return isWished || recorded === 'all' || (recorded === 'root' && kind !== 'site');
}

export const terminalSize = z.object({ cols: z.int().min(2).max(500), rows: z.int().min(1).max(300) });
export type TerminalSize = z.infer<typeof terminalSize>;

export const terminal = z.object({
  id,
  kind: z.enum(terminalUsers),
  /** Of the site whose user it is; null for others. */
  siteId: id.nullable(),
  /** The Linux user; of a saved host `user@address`. */
  user: z.string(),
  startedAt: instant,
  /** Somebody looks at it just now. */
  isAttached: z.boolean(),
  /** The shell has ended; what it said last can still be read. */
  hasEnded: z.boolean(),
  /** What it shows is kept. */
  isRecorded: z.boolean(),
});
export type Terminal = z.infer<typeof terminal>;

/** Proves that a browser opened the terminal or was let in since; 256 random bits. */
export const terminalKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const params = z.object({ terminalId: id });

/** The protocol that both sides of the WebSocket speak; the ticket follows as a second one, so that no URL has it. */
export const terminalProtocol = 'aapanel.terminal.1';
export const terminalTicketPrefix = 'aapanel.ticket.';

/** Why the panel closed a WebSocket (RFC 6455, 7.4.2). */
export const terminalCloseCodes = {
  /** The panel ends or starts again: come back. */
  goingAway: 1001,
  /** Another window has the terminal now. */
  displaced: 4001,
  /** The shell has ended. */
  ended: 4002,
  /** The session or its rights have changed: ask for a new ticket. */
  session: 4003,
  /** This browser's key does not fit. */
  key: 4004,
  /** There is no such terminal any more. */
  gone: 4005,
  /** Something else than the protocol says. */
  protocol: 4006,
} as const;

export const terminalsApi = {
  list: {
    id: 'listTerminals',
    method: 'GET',
    path: '/api/v1/terminals',
    access: 'terminals.use',
    summary: 'Terminals of the person that run',
    response: z.object({ items: z.array(terminal), recording: recordingRule }),
  },
  open: {
    id: 'openTerminal',
    method: 'POST',
    path: '/api/v1/terminals',
    access: 'terminals.use',
    summary: 'Open a terminal as the user of a site, as root, or on a saved host',
    body: z.strictObject({
      ...terminalSize.shape,
      kind: z.enum(terminalUsers),
      siteId: id.optional(),
      hostId: id.optional(),
      /** The person wishes it; the answer says whether it is. */
      isRecorded: z.boolean().optional(),
    }),
    status: 201,
    response: z.object({ terminal, key: terminalKey }),
  },
  close: {
    id: 'closeTerminal',
    method: 'DELETE',
    path: '/api/v1/terminals/{terminalId}',
    access: 'terminals.use',
    summary: 'Close a terminal and end everything that runs in it',
    params,
    status: 204,
    response: empty,
  },
  enter: {
    id: 'enterTerminal',
    method: 'POST',
    path: '/api/v1/terminals/{terminalId}/keys',
    access: 'terminals.use',
    summary: 'Let this browser into a terminal that another one has opened',
    params,
    status: 201,
    response: z.object({ key: terminalKey }),
  },
  ticket: {
    id: 'issueTerminalTicket',
    method: 'POST',
    path: '/api/v1/terminals/{terminalId}/tickets',
    access: 'terminals.use',
    summary: 'Ticket for one connection to a terminal within seconds',
    params,
    status: 201,
    response: z.object({ ticket: z.string() }),
  },
  connect: {
    id: 'connectTerminal',
    method: 'GET',
    path: '/api/v1/terminals/{terminalId}/socket',
    access: 'terminals.use',
    summary: 'WebSocket of a terminal',
    params,
    stream: true,
    response: empty,
  },
} as const satisfies Record<string, Operation>;
