import { z } from 'zod';
import { instant } from './http.ts';

/** How close its end is, as the share of its life that is left: one of 90 days and one of six days are told alike. */
export const endingStages = ['third', 'sixth', 'twelfth', 'over'] as const;
export type EndingStage = (typeof endingStages)[number];

const shares = { twelfth: 1 / 12, sixth: 1 / 6, third: 1 / 3 } as const;

/** Times in epoch ms. null: more than a third of its life is left. */
export function endingStage(
  { validFrom, validUntil }: { readonly validFrom: number; readonly validUntil: number },
  now: number,
): EndingStage | null {
  const left = validUntil - now;
  if (left <= 0) return 'over';
  const share = left / Math.max(1, validUntil - validFrom);
  return (['twelfth', 'sixth', 'third'] as const).find((stage) => share < shares[stage]) ?? null;
}

/** What stands against a certificate that sites are served with. */
export const certificateTrouble = z.object({
  /**
   * `renewal_failed`: the panel tries and fails, and there is time left; `fallen_back`: the panel itself shows its self-signed one
   * in its place; `revoked`: its authority has taken it back; otherwise its end comes near.
   */
  kind: z.enum(['renewal_failed', 'ending', 'fallen_back', 'revoked']),
  /** Of `ending`. */
  stage: z.enum(endingStages).nullable(),
  /** Since when. */
  at: instant,
  /** Why the last try of the renewal failed: a key of `errors.reasons`. */
  reason: z.string().nullable(),
});
export type CertificateTrouble = z.infer<typeof certificateTrouble>;
