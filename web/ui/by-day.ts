/** Consecutive lines of one calendar day, in the order they came. */
export function byDay<T extends { readonly at: string }>(
  rows: readonly T[],
  dayOf: (iso: string) => string,
): readonly { readonly day: string; readonly rows: readonly T[] }[] {
  const days: { day: string; rows: T[] }[] = [];
  for (const row of rows) {
    const day = dayOf(row.at);
    const last = days.at(-1);
    if (last?.day === day) last.rows.push(row);
    else days.push({ day, rows: [row] });
  }
  return days;
}
