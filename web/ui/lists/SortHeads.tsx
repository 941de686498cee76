import { ariaSort, nextOrder } from './list-order.ts';
import type { SortOrder } from './list-search.ts';
import { SortButton } from './SortButton.tsx';

type SortHeadsProps<C extends string> = {
  readonly columns: readonly C[];
  readonly label: (column: C) => string;
  readonly sort: C;
  readonly order: SortOrder;
  readonly firstOrder: (column: C) => SortOrder;
  readonly onSort: (sort: C, order: SortOrder) => void;
};

/** The heads of a table whose columns can all be sorted by. */
export function SortHeads<C extends string>({ columns, label, sort, order, firstOrder, onSort }: SortHeadsProps<C>) {
  return columns.map((column) => {
    const own = column === sort ? order : null;
    return (
      <th key={column} scope="col" data-column={column} aria-sort={ariaSort(own)}>
        <SortButton
          label={label(column)}
          order={own}
          onClick={() => onSort(column, nextOrder(column, { sort, order }, firstOrder))}
        />
      </th>
    );
  });
}
