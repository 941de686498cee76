import { z } from 'zod';
import { isReplacedOnce, replacements } from './replacements.ts';

/** A name that an application expects to be asked for, with or without a port; empty: none. */
export const sentHost = z
  .string()
  .max(260)
  .regex(/^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[1-9]\d{0,4})?)?$/, { error: 'sent_host_invalid' });

export const seconds = z.int().min(1).max(86_400);

/** How a whole site's requests are handed on to the application behind it; paths of their own say it for themselves. */
export const forward = z
  .strictObject({
    /** The name that the visitor asked for, that of the application's address, or one of its own. */
    sentHost: z.enum(['visitor', 'upstream', 'own']).default('visitor'),
    ownHost: sentHost.default(''),
    connectSeconds: z.int().min(1).max(75).default(10),
    /** How long the application may take nothing of the request. null: a minute, an hour with WebSocket. */
    sendSeconds: seconds.nullable().default(null),
    /** How long the application may be silent. null: as before. */
    readSeconds: seconds.nullable().default(null),
    replacements,
    isReplacedOnce,
  })
  .superRefine(({ sentHost: sent, ownHost }, context) => {
    if (sent === 'own' && ownHost === '')
      context.addIssue({ code: 'custom', message: 'required', path: ['ownHost'], input: ownHost });
  });
export type Forward = z.infer<typeof forward>;
