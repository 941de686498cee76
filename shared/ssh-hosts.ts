import { z } from 'zod';
import { empty, id, instant, line, type Operation } from './http.ts';
import { hostName } from './site-deploy.ts';

/* Servers that terminals are opened on over SSH. The agent keeps them, with the keys that the panel made for them. */

export const mostSshHosts = 100;

/** A name or an IP address: nothing that ssh could take for an option, an account or a token of its own. */
const address = z
  .string()
  .max(253)
  .refine((text) => hostName.test(text.toLowerCase()) || z.ipv6().safeParse(text).success, {
    error: 'ssh_address_invalid',
  });

export const sshHostDraft = z.strictObject({
  name: line(60, 1),
  address,
  port: z.int().min(1).max(65_535),
  /** Of the account there. */
  user: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}$/, { error: 'ssh_user_invalid' }),
  /** `key`: by a key pair that the panel makes for this host. `password`: typed in the terminal each time, kept nowhere. */
  auth: z.enum(['key', 'password']),
});
export type SshHostDraft = z.output<typeof sshHostDraft>;

/** A public key that a server shows; `fingerprint` as ssh prints it. */
export const shownKey = z.object({ kind: z.string(), fingerprint: z.string() });
export type ShownKey = z.output<typeof shownKey>;

export const sshHost = z.object({
  id,
  name: z.string(),
  address: z.string(),
  port: z.int(),
  user: z.string(),
  auth: z.enum(['key', 'password']),
  /** The public part, for `authorized_keys` there; null with a password. */
  key: z.object({ publicKey: z.string(), fingerprint: z.string() }).nullable(),
  /** The keys by which the server is known, and who confirmed them; null before anybody did. */
  trusted: z.object({ keys: z.array(shownKey), at: instant, by: z.string() }).nullable(),
});
export type SshHost = z.output<typeof sshHost>;

export const sshFingerprints = z
  .array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/))
  .min(1)
  .max(5);

/** What the server shows now beside what is known of it. */
export const sshHostCheck = z.object({
  state: z.enum(['new', 'same', 'changed']),
  found: z.array(shownKey),
  trusted: z.array(shownKey),
});
export type SshHostCheck = z.output<typeof sshHostCheck>;

const base = '/api/v1/ssh-hosts';
const params = z.object({ hostId: id });

export const sshHostsApi = {
  list: {
    id: 'listSshHosts',
    method: 'GET',
    path: base,
    access: 'terminals.root',
    summary: 'Saved hosts for terminals over SSH, by name',
    response: z.object({ items: z.array(sshHost) }),
  },
  create: {
    id: 'createSshHost',
    method: 'POST',
    path: base,
    access: 'terminals.root',
    summary: 'Save a host; with `key` the panel makes a key pair for it',
    body: sshHostDraft,
    status: 201,
    response: sshHost,
  },
  update: {
    id: 'updateSshHost',
    method: 'PUT',
    path: `${base}/{hostId}`,
    access: 'terminals.root',
    summary: 'Change a saved host; another address or port has to be confirmed anew',
    params,
    body: sshHostDraft,
    response: sshHost,
  },
  remove: {
    id: 'removeSshHost',
    method: 'DELETE',
    path: `${base}/{hostId}`,
    access: 'terminals.root',
    summary: 'Forget a saved host and its key, and end its terminals',
    params,
    status: 204,
    response: empty,
  },
  check: {
    id: 'checkSshHost',
    method: 'POST',
    path: `${base}/{hostId}/check`,
    access: 'terminals.root',
    summary: 'Ask a saved host for its keys, to be compared and confirmed by a person',
    params,
    response: sshHostCheck,
  },
  trust: {
    id: 'trustSshHost',
    method: 'POST',
    path: `${base}/{hostId}/trust`,
    access: 'terminals.root',
    summary: 'Confirm the keys that a saved host shows, at first or in place of others',
    params,
    /** All that it shows: other ones than these are refused. */
    body: z.strictObject({ fingerprints: sshFingerprints }),
    response: sshHost,
  },
} as const satisfies Record<string, Operation>;
