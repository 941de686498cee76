import { z } from 'zod';
import { id } from '../http.ts';
import { sshFingerprints, sshHost, sshHostCheck, sshHostDraft } from '../ssh-hosts.ts';
import type { AgentAction } from './action.ts';

export const terminalsCheckHost = {
  name: 'terminals.check_host',
  permission: 'terminals.root',
  ticket: 'never',
  params: z.strictObject({ hostId: id }),
  result: z.object({ host: sshHost, check: sshHostCheck }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 16 * 1024,
  summary: 'Ask a saved host for its public keys and compare them with those that somebody confirmed',
} as const satisfies AgentAction;

export const terminalsHosts = {
  name: 'terminals.hosts',
  permission: 'terminals.root',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(sshHost) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 512 * 1024,
  summary: 'Saved hosts for terminals over SSH, without the private parts of their keys',
} as const satisfies AgentAction;

export const terminalsPutHost = {
  name: 'terminals.put_host',
  permission: 'terminals.root',
  ticket: 'always',
  params: z.strictObject({ hostId: id, isNew: z.boolean(), host: sshHostDraft }),
  result: z.object({ host: sshHost }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 16 * 1024,
  summary:
    'Save a host, and make the key pair by which terminals sign in there; its private part never leaves the agent',
} as const satisfies AgentAction;

export const terminalsRemoveHost = {
  name: 'terminals.remove_host',
  permission: 'terminals.root',
  ticket: 'always',
  params: z.strictObject({ hostId: id }),
  result: z.object({ host: sshHost }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 60_000,
  maxResultBytes: 16 * 1024,
  summary: 'Forget a saved host with its key, and end the terminals on it',
} as const satisfies AgentAction;

export const terminalsTrustHost = {
  name: 'terminals.trust_host',
  permission: 'terminals.root',
  ticket: 'always',
  params: z.strictObject({ hostId: id, fingerprints: sshFingerprints }),
  result: z.object({ host: sshHost, before: sshHost }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 16 * 1024,
  summary: 'Know a saved host by the keys that it shows, when they are those that somebody compared',
} as const satisfies AgentAction;
