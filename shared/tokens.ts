import { z } from 'zod';
import { permissions } from './access.ts';
import { id, instant, line, type Operation } from './http.ts';

/*
 * Tokens for programs: `Authorization: Bearer aap_<id>_<secret>`. A token can do what both its scopes and its person may.
 */

/** `aap_`, the token's id, `_`, 32 random bytes in base64url. */
export const tokenPattern = /^aap_([a-z2-7]{16})_([A-Za-z0-9_-]{43})$/;

/** An address or a range in CIDR form; IPv4 or IPv6. */
export const addressRange = z
  .string()
  .max(49)
  .regex(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, { error: 'address_invalid' });

export const apiToken = z.object({
  id,
  name: z.string(),
  scopes: z.array(z.enum(permissions)),
  /** Empty: from anywhere. */
  addresses: z.array(z.string()),
  /** Stands for a fresh factor: made for dangerous actions. */
  isElevated: z.boolean(),
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: instant.nullable(),
  lastAddress: z.string().nullable(),
});
export type ApiToken = z.infer<typeof apiToken>;

/** Requests a token may make in one minute; more are 429. */
export const tokenRequestsPerMinute = 600;

export const tokensApi = {
  list: {
    id: 'listTokens',
    method: 'GET',
    path: '/api/v1/me/tokens',
    access: 'signedIn',
    summary: 'My API tokens',
    response: z.object({ items: z.array(apiToken) }),
  },
  /** Elevated; never with a token. `secret` is shown this once. */
  create: {
    id: 'createToken',
    method: 'POST',
    path: '/api/v1/me/tokens',
    access: 'signedIn',
    summary: 'Make an API token',
    body: z.strictObject({
      name: line(60, 1),
      scopes: z.array(z.enum(permissions)).min(1).max(permissions.length),
      addresses: z.array(addressRange).max(50).default([]),
      isElevated: z.boolean().default(false),
      expiresInDays: z.int().min(1).max(366),
    }),
    response: z.object({ token: apiToken, secret: z.string() }),
    status: 201,
  },
  remove: {
    id: 'deleteToken',
    method: 'DELETE',
    path: '/api/v1/me/tokens/{tokenId}',
    access: 'signedIn',
    summary: 'Delete an API token; it ends at once',
    params: z.object({ tokenId: id }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
