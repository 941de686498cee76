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

/** Of an id whose tests nobody has judged: the humble state, never proven. */
const notJudged: Bilingual = {
  en: 'a look at whether its tests do the whole check',
  ar: 'النظر في كفاية اختباراته للتحقق كله',
};

/** Every requirement with its tests and its state. An id without a test is `not yet`, whatever somebody judged. */
export function makeLedger(tests: readonly TaggedTest[], judged: Judgement = { proven, partial }): LedgerEntry[] {
  return requirements.map((requirement) => {
    const own = tests.filter(({ ids }) => ids.includes(requirement.id));
    const entry = { ...requirement, tests: own, note: undefined };
    if (own.length === 0) return { ...entry, state: 'not yet' };
    if (judged.proven.includes(requirement.id)) return { ...entry, state: 'proven' };
    return { ...entry, state: 'partial', note: judged.partial[requirement.id] ?? notJudged };
  });
}

type Judgement = { readonly proven: readonly string[]; readonly partial: Readonly<Record<string, Bilingual>> };

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
    ...[...new Set([...judgedIds, ...tagged])]
      .filter((id) => known.has(id) && arabicTitles[id] === undefined)
      .map((id) => `${id}: has no line in arabic-titles.ts`),
  ].sort();
}
