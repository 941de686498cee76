import type { SiteColumn } from '#shared/site-columns.ts';

/** Widths in pixels, so that most values stand in one line in both languages. */
const widths: Readonly<Record<SiteColumn, number>> = {
  kind: 96,
  tls: 120,
  category: 110,
  backup: 136,
  requests: 96,
  bytes: 104,
  endsAt: 116,
  updatedAt: 104,
};

const gap = 16;
const names = 'minmax(0, 1fr)';
/** The box, state, switch and menu that every row has, with what is beside and between them. */
const always = 16 + 150 + 70 + 40 + 34 + 4 * gap;
/** Names of sites stay readable. */
const leastForNames = 200;

export type FittingColumns = {
  /** Those that have a place of their own, in order. */
  readonly shown: readonly SiteColumn[];
  /** Those that stand in a line below the row. */
  readonly below: readonly SiteColumn[];
  /** For `grid-template-columns`. */
  readonly template: string;
};

/** Shares the width of the list among the chosen columns. `isCards`: a row is a card, with the kind in its first lines. */
export function fitColumns(chosen: readonly SiteColumn[], width: number, isCards: boolean): FittingColumns {
  let left = width - always - leastForNames;
  const shown = chosen.filter((column) => {
    if (isCards) return column === 'kind';
    const needed = widths[column] + gap;
    if (needed > left) return false;
    left -= needed;
    return true;
  });
  const place = (column: SiteColumn): string[] => (shown.includes(column) ? [`${widths[column]}px`] : []);
  const between = shown.filter((column) => column !== 'kind' && column !== 'updatedAt').flatMap(place);
  const template = ['16px', names, ...place('kind'), '150px', ...between, '70px', ...place('updatedAt'), '40px'];
  return { shown, below: chosen.filter((column) => !shown.includes(column)), template: template.join(' ') };
}
