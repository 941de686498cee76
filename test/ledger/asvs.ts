import { asvsChapters, itemsOfLevels1And2, levelOf } from './asvs-levels.ts';
import type { AsvsItem, AsvsStatus } from './asvs-item.ts';
import { browserItems } from './asvs-browser.ts';
import { cryptoItems } from './asvs-crypto.ts';
import { inputItems } from './asvs-input.ts';
import { operationItems } from './asvs-operation.ts';
import { rightsItems } from './asvs-rights.ts';
import { signInItems } from './asvs-sign-in.ts';
import { sentenceOf } from './tagged-tests.ts';

/** The 253 items of ASVS 5.0.0, levels 1 and 2: what we do about each (S-14). Rendered by scripts/generate/asvs.ts. */
export const asvsItems: readonly AsvsItem[] = [
  ...inputItems,
  ...browserItems,
  ...signInItems,
  ...rightsItems,
  ...cryptoItems,
  ...operationItems,
];

export const asvsStatuses = ['proven', 'partial', 'not yet', 'not applicable'] as const satisfies AsvsStatus[];

type KnownTest = { readonly path: string; readonly name: string };

/** What makes the ledger untrue: each line names an item and what is wrong. A test keeps its sentence when its ids change. */
export function findAsvsFaults(tests: readonly KnownTest[], items: readonly AsvsItem[] = asvsItems): string[] {
  const wanted = itemsOfLevels1And2();
  const named = items.map(({ id }) => id);
  const known = new Set(tests.map(({ path, name }) => `${path}\n${sentenceOf(name)}`));
  return [
    ...wanted.filter((id) => !named.includes(id)).map((id) => `${id}: is missing`),
    ...named.filter((id) => !wanted.includes(id)).map((id) => `${id}: is no item of level 1 or 2`),
    ...named.filter((id, index) => named.indexOf(id) !== index).map((id) => `${id}: is there twice`),
    ...items.flatMap((item) => [
      ...statusFaults(item),
      ...item.tests
        .filter(({ path, name }) => !known.has(`${path}\n${sentenceOf(name)}`))
        .map(({ path, name }) => `${item.id}: ${path} has no test "${name}"`),
    ]),
  ];
}

function statusFaults({ id, status, note, tests }: AsvsItem): string[] {
  const needsTests = status === 'proven' || status === 'partial';
  return [
    ...(needsTests && tests.length === 0 ? [`${id}: is ${status} without a test`] : []),
    ...(!needsTests && tests.length > 0 ? [`${id}: is ${status} and names tests`] : []),
    ...(status !== 'proven' && (note === undefined || note.en === '' || note.ar === '')
      ? [`${id}: is ${status} without a note in both languages`]
      : []),
  ];
}

/** Items of a chapter in the order of the standard. */
export function asvsItemsOf(chapter: (typeof asvsChapters)[number]): AsvsItem[] {
  const order = itemsOfLevels1And2();
  return asvsItems
    .filter(({ id }) => Number(id.split('.')[0]) === chapter.number)
    .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

/** How many items of a level (or of both) have a status. */
export function countAsvs(status: AsvsStatus, level?: 1 | 2): number {
  return asvsItems.filter((item) => item.status === status && (level === undefined || levelOf(item.id) === level))
    .length;
}
