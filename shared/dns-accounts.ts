import { z } from 'zod';
import { id, line, type Operation } from './http.ts';
import { hostPattern } from './site-domains.ts';

/*
 * Where the panel may write DNS records that prove names to an authority: needed for wildcards, and for sites that nobody
 * reaches over port 80. Secrets go to the agent and never come back.
 */

export const tsigAlgorithms = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;
export const maxDnsAccounts = 20;

const cloudflareFacts = { kind: z.literal('cloudflare') };
const rfc2136Facts = {
  kind: z.literal('rfc2136'),
  /** Host name or IP address of the primary server. */
  server: z.union([z.string().regex(hostPattern), z.ipv4(), z.ipv6()], { error: 'dns_server_invalid' }),
  port: z.int().min(1).max(65_535).default(53),
  keyName: z
    .string()
    .max(255)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?$/, { error: 'tsig_name_invalid' }),
  algorithm: z.enum(tsigAlgorithms).default('hmac-sha256'),
};

const name = line(100, 1);
const token = z.string().regex(/^[\x21-\x7e]{20,200}$/, { error: 'dns_token_invalid' });
const tsigSecret = z
  .string()
  .max(400)
  .regex(/^(?=.{16,})(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, {
    error: 'tsig_secret_invalid',
  });

/** What a person gives. null for the secret: what is kept stays. */
export const dnsAccountBody = z.discriminatedUnion('kind', [
  z.strictObject({ name, ...cloudflareFacts, token: token.nullable() }),
  z.strictObject({ name, ...rfc2136Facts, secret: tsigSecret.nullable() }),
]);
export type DnsAccountBody = z.infer<typeof dnsAccountBody>;

/** As it is kept by the agent, readable by root only. */
export const dnsAccountRecord = z.discriminatedUnion('kind', [
  z.strictObject({ accountId: id, name, ...cloudflareFacts, token }),
  z.strictObject({ accountId: id, name, ...rfc2136Facts, secret: tsigSecret }),
]);
export type DnsAccountRecord = z.infer<typeof dnsAccountRecord>;

/** As it is shown: without its secret. */
export const dnsAccount = z.discriminatedUnion('kind', [
  z.object({ id, name: z.string(), kind: z.literal('cloudflare') }),
  z.object({
    id,
    name: z.string(),
    kind: z.literal('rfc2136'),
    server: z.string(),
    port: z.int(),
    keyName: z.string(),
    algorithm: z.enum(tsigAlgorithms),
  }),
]);
export type DnsAccount = z.infer<typeof dnsAccount>;

const params = z.object({ accountId: id });
const base = '/api/v1/dns-accounts';

export const dnsAccountsApi = {
  list: {
    id: 'listDnsAccounts',
    method: 'GET',
    path: base,
    access: 'certificates.read',
    summary: 'Accounts that write DNS records to prove names, without their secrets',
    response: z.object({ items: z.array(dnsAccount) }),
  },
  /** null for the secret: what is kept stays, unless it would go to another server. The id of a new one is the caller’s. */
  put: {
    id: 'putDnsAccount',
    method: 'PUT',
    path: `${base}/{accountId}`,
    access: 'certificates.write',
    summary: 'Add a DNS account or change it; its secret goes to the agent and never comes back',
    params,
    body: dnsAccountBody,
    response: dnsAccount,
  },
  /** 409 `dns_account_in_use` while certificates are renewed by it. */
  remove: {
    id: 'removeDnsAccount',
    method: 'DELETE',
    path: `${base}/{accountId}`,
    access: 'certificates.write',
    summary: 'Forget a DNS account and its secret',
    params,
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
