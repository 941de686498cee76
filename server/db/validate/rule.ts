import type { Operation } from './operations.ts';
import type { Parsed } from './source.ts';

export type Severity = 'error' | 'warning';
export type EngineName = 'sqlite' | 'mysql' | 'postgresql';
export type Bilingual = { readonly ar: string; readonly en: string };

/** A place that a rule objects to; `detail` are names and SQL, the same in every language. */
export type Found = { readonly at: number; readonly detail: string };

/** What a rule may look at. */
export type Subject = {
  readonly file: Parsed;
  readonly operations: readonly Operation[];
  /** Tables made by this file. */
  readonly made: ReadonlySet<string>;
  /** All files of the folder in order, this one included. */
  readonly all: readonly { readonly file: Parsed; readonly operations: readonly Operation[] }[];
  /** Rows per table of a real database, where somebody counted them. */
  readonly rowCounts: Readonly<Record<string, number>>;
};

export type Check = (subject: Subject) => Found[];

export const engines: readonly EngineName[] = ['mysql', 'postgresql', 'sqlite'];

/** Places of the operations of `up` that a predicate picks. */
export function where(subject: Subject, isBad: (operation: Operation) => boolean, detail = describe): Found[] {
  return subject.operations
    .filter((operation) => operation.direction === 'up' && isBad(operation))
    .map((operation) => ({ at: operation.at, detail: detail(operation) }));
}

export function describe(operation: Operation): string {
  const { kind, table, names, columns } = operation;
  const more = [...names, ...columns.map(({ name }) => name)].filter((name) => name !== '?').join(', ');
  return [kind, table, more].filter((part) => part !== '' && part !== '?').join(' ');
}
