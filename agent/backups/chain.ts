import { AppError } from '#shared/errors.ts';

/*
 * Order and completeness of a target's sets come from the chain, never from a clock: each manifest names the HMAC of the
 * one before it, and what we removed ourselves stands in a signed ledger.
 */

export type Link = {
  readonly setId: string;
  readonly sequence: number;
  readonly hmac: string;
  /** null: the first. undefined: removed, not known any more. */
  readonly previous?: { readonly setId: string; readonly hmac: string } | null | undefined;
};

export type ChainProblem = { readonly setId: string; readonly problem: 'missing' | 'replayed' | 'reordered' };

/**
 * `present`: what stands in the target and verifies. `removed`: from the ledger. `highest`: sequence that is known to have
 * existed. The first problem is the oldest one.
 */
export function chainProblems(
  present: readonly Link[],
  removed: readonly Link[],
  known: readonly Link[],
): ChainProblem[] {
  const problems: ChainProblem[] = [];
  const bySequence = new Map<number, Link>();
  for (const link of removed) bySequence.set(link.sequence, link);
  const removedIds = new Set(removed.map(({ setId }) => setId));
  for (const link of present) {
    const other = bySequence.get(link.sequence);
    if (removedIds.has(link.setId) || (other !== undefined && other.hmac !== link.hmac))
      problems.push({ setId: link.setId, problem: 'replayed' });
    else bySequence.set(link.sequence, link);
  }
  const presentIds = new Set(present.map(({ setId }) => setId));
  const named = new Map([...known, ...present.flatMap(previousOf)].map((link) => [link.sequence, link.setId]));
  const highest = Math.max(0, ...bySequence.keys(), ...known.map(({ sequence }) => sequence));
  for (let sequence = 1; sequence <= highest; sequence++) {
    const link = bySequence.get(sequence);
    const before = bySequence.get(sequence - 1);
    if (link === undefined) problems.push({ setId: named.get(sequence) ?? `#${sequence}`, problem: 'missing' });
    else if (presentIds.has(link.setId) && isTorn(link, before))
      problems.push({ setId: link.setId, problem: 'reordered' });
  }
  return problems;
}

function previousOf({ sequence, previous }: Link): Link[] {
  return previous === null || previous === undefined ? [] : [{ ...previous, sequence: sequence - 1 }];
}

function isTorn({ sequence, previous }: Link, before: Link | undefined): boolean {
  if (previous === undefined) return false;
  if (previous === null) return sequence !== 1;
  // The one before is missing: said there.
  return sequence === 1 || (before !== undefined && before.hmac !== previous.hmac);
}

/** Throws `backup_chain_broken` with the first of them. */
export function refuseBroken(problems: readonly ChainProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new AppError('internal', 'The chain of backups in this target is broken.', {
    reason: 'backup_chain_broken',
    params: { set: first.setId, problem: first.problem },
  });
}
