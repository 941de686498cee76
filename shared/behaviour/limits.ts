import { z } from 'zod';
import { networkRange } from './words.ts';

/** How much of the server visitors may take; null: no limit of the site. Too much is answered with 429. */
export const limits = z.strictObject({
  /** nginx counts to 65535. */
  connectionsPerSite: z.int().min(1).max(65_535).nullable().default(null),
  connectionsPerAddress: z.int().min(1).max(10_000).nullable().default(null),
  /** Of one address. */
  requestsPerSecond: z.int().min(1).max(10_000).nullable().default(null),
  /** So many more at once before requests are turned away. */
  burst: z.int().min(0).max(10_000).default(20),
  /** Of one answer. */
  kibPerSecond: z.int().min(1).max(1_048_576).nullable().default(null),
  /** The largest request, an upload; 0: any size. */
  bodyMib: z.int().min(0).max(102_400).nullable().default(null),
  /** Not counted, and not turned away. */
  addresses: z.array(networkRange).max(100).default([]),
});
export type Limits = z.infer<typeof limits>;

/** Starting points that people can take over with one press. */
export const limitPresets = {
  small: { connectionsPerSite: 100, connectionsPerAddress: 10, requestsPerSecond: 5, burst: 20 },
  shop: { connectionsPerSite: 300, connectionsPerAddress: 25, requestsPerSecond: 20, burst: 60 },
  busy: { connectionsPerSite: 1_000, connectionsPerAddress: 50, requestsPerSecond: 50, burst: 150 },
} as const satisfies Record<string, Partial<Limits>>;
