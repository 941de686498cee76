import { z } from 'zod';
import { plainValue } from './words.ts';

export const frameChoices = ['off', 'deny', 'sameorigin'] as const;
export const referrerChoices = [
  'off',
  'no-referrer',
  'same-origin',
  'origin',
  'strict-origin',
  'strict-origin-when-cross-origin',
] as const;

/** Headers that tell browsers what pages of the site may not do. */
export const securityHeaders = z.strictObject({
  /** `X-Content-Type-Options: nosniff`. */
  isNosniff: z.boolean().default(false),
  /** `X-Frame-Options`. */
  frame: z.enum(frameChoices).default('off'),
  /** `Referrer-Policy`. */
  referrer: z.enum(referrerChoices).default('off'),
  /** Text of `Permissions-Policy`; empty: none. */
  permissions: plainValue(1_000).default(''),
  /** Text of `Content-Security-Policy`; empty: none. */
  contentPolicy: plainValue(2_000).default(''),
});
export type SecurityHeaders = z.infer<typeof securityHeaders>;

/** What nginx or another form answers for; setting them here would break answers. */
const reserved = new Set(
  `connection content-encoding content-length content-range content-type date etag keep-alive last-modified location
  proxy-authenticate retry-after server strict-transport-security te trailer transfer-encoding upgrade vary www-authenticate
  x-accel-buffering x-accel-charset x-accel-expires x-accel-limit-rate x-accel-redirect`.split(/\s+/),
);

export const ownHeader = z.strictObject({
  name: z
    .string()
    .max(100)
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, { error: 'header_name_invalid' })
    .refine((name) => !reserved.has(name.toLowerCase()) && !/^access-control-/i.test(name), {
      error: 'header_reserved',
    }),
  value: plainValue(2_000).min(1, { error: 'required' }),
});

export const ownHeaders = z
  .array(ownHeader)
  .max(50)
  .superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of list.entries()) {
      const key = name.toLowerCase();
      if (seen.has(key))
        context.addIssue({ code: 'custom', message: 'header_repeated', path: [index, 'name'], input: name });
      seen.add(key);
    }
  });

export const corsMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Pages of other origins that may read the site's answers. */
export const cors = z
  .strictObject({
    /** `https://app.example.com`, or one `*`; empty: none, and nothing is said about it. */
    origins: z
      .array(
        z
          .string()
          .max(300)
          .regex(/^(?:\*|https?:\/\/(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9]\d{0,4})?)$/, {
            error: 'origin_invalid',
          }),
      )
      .max(50)
      .default([]),
    methods: z.array(z.enum(corsMethods)).max(10).default(['GET', 'HEAD', 'POST']),
    /** Request headers that are allowed beyond the plain ones. */
    headers: z
      .array(z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, { error: 'header_name_invalid' }))
      .max(50)
      .default([]),
    /** Cookies and sign-in go along. */
    hasCredentials: z.boolean().default(false),
    /** How long a browser keeps what it was told. */
    maxAgeSeconds: z.int().min(0).max(86_400).default(3_600),
  })
  .superRefine((rule, context) => {
    const any = rule.origins.indexOf('*');
    if (any === -1) return;
    if (rule.origins.length > 1)
      context.addIssue({ code: 'custom', message: 'origin_any_alone', path: ['origins', any], input: '*' });
    if (rule.hasCredentials)
      context.addIssue({ code: 'custom', message: 'origin_any_credentials', path: ['hasCredentials'], input: true });
  });
export type Cors = z.infer<typeof cors>;
