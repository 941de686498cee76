import type { Bilingual } from './area.ts';
import { arabicTitles } from './arabic-titles.ts';
import { partial } from './partial.ts';
import { proven } from './proven.ts';
import { requirements, type Requirement } from './requirements.source.ts';
import type { TaggedTest } from './tagged-tests.ts';

export type State = 'proven' | 'partial' | 'not yet';

export type LedgerEntry = Requirement & {
  readonly state: State;
  readonly tests: readonly TaggedTest[];
  /** What is missing; only with `partial`. */
  readonly note: Bilingual | undefined;
};

/** Every requirement with its tests and its state. */
export function makeLedger(tests: readonly TaggedTest[]): LedgerEntry[] {
  return requirements.map((requirement) => ({
    ...requirement,
    state: stateOf(requirement.id),
    tests: tests.filter(({ ids }) => ids.includes(requirement.id)),
    note: partial[requirement.id],
  }));
}

function stateOf(id: string): State {
  if (proven.includes(id)) return 'proven';
  return partial[id] === undefined ? 'not yet' : 'partial';
}

/** What makes the ledger untrue: each line names an id and what to do. */
export function findContradictions(
  tests: readonly TaggedTest[],
  judged: { proven: readonly string[]; partial: Readonly<Record<string, unknown>> } = { proven, partial },
): string[] {
  const known = new Set(requirements.map(({ id }) => id));
  const tagged = new Set(tests.flatMap(({ ids }) => ids));
  const judgedIds = [...judged.proven, ...Object.keys(judged.partial)];
  return [
    ...tests.flatMap(({ ids, path, line }) =>
      ids.filter((id) => !known.has(id)).map((id) => `${id}: ${path}:${line} tags an id that no document has`),
    ),
    ...judgedIds.filter((id) => !known.has(id)).map((id) => `${id}: is judged but no document has it`),
    ...judgedIds.filter((id) => !tagged.has(id)).map((id) => `${id}: is proven or partial without a test`),
    ...judged.proven.filter((id) => judged.partial[id] !== undefined).map((id) => `${id}: is both proven and partial`),
    ...[...tagged]
      .filter((id) => known.has(id) && !judgedIds.includes(id))
      .map((id) => `${id}: has a test but stands neither in proven.ts nor in partial.ts`),
    ...judgedIds.filter((id) => arabicTitles[id] === undefined).map((id) => `${id}: has no line in arabic-titles.ts`),
  ].sort();
}
