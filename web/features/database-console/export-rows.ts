import type { ConsoleRows } from './console.queries.ts';

/* The rows that are shown, as a file. NULL is an empty field of CSV and null of JSON; bytes are hexadecimal digits. */

type Cell = ConsoleRows['rows'][number][number];

const textOf = (cell: Cell): string | null =>
  cell === null || typeof cell === 'string' ? cell : cell.isBinary ? `0x${cell.text}` : cell.text;

/** RFC 4180, with the mark by which spreadsheets know UTF-8. An empty text is quoted, so that it is not NULL. */
export function csvOf({ columns, rows }: Pick<ConsoleRows, 'columns' | 'rows'>): string {
  const field = (text: string | null): string =>
    text === null ? '' : text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = [columns.map(({ name }) => field(name)), ...rows.map((row) => row.map((cell) => field(textOf(cell))))];
  return `\uFEFF${lines.map((line) => `${line.join(',')}\r\n`).join('')}`;
}

/** A list of objects; columns of the same name are told apart by a number. */
export function jsonOf({ columns, rows }: Pick<ConsoleRows, 'columns' | 'rows'>): string {
  const names: string[] = [];
  for (const { name } of columns) {
    let own = name;
    for (let count = 2; names.includes(own); count += 1) own = `${name}_${count}`;
    names.push(own);
  }
  const lines = rows.map(
    (row) =>
      // Not an object: a column may have the name of something that every object has.
      `  {${names.map((name, at) => `${JSON.stringify(name)}: ${JSON.stringify(textOf(row[at] ?? null))}`).join(', ')}}`,
  );
  return `[\n${lines.join(',\n')}\n]\n`;
}

export const hasCutValues = ({ rows }: Pick<ConsoleRows, 'rows'>): boolean =>
  rows.some((row) =>
    row.some(
      (cell) =>
        cell !== null &&
        typeof cell !== 'string' &&
        (cell.isBinary ? cell.text.length / 2 : cell.text.length) < cell.length,
    ),
  );

export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
