/** The pages, from 1, that hold the rows from one place to another. */
export function pagesBetween(firstIndex: number, lastIndex: number, pageSize: number): number[] {
  const from = Math.floor(firstIndex / pageSize) + 1;
  const to = Math.floor(Math.max(firstIndex, lastIndex) / pageSize) + 1;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
