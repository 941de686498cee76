/** How it went for one of several; `error` is undefined where it was done, and `waiting` means that it was not tried. */
export type Outcome = {
  readonly name: string;
  readonly state: 'waiting' | 'done' | 'failed';
  readonly error?: unknown;
};

/** Does the work for each, one after another; one that fails stops none of the others. `isStopped` is asked before each. */
export async function oneByOne<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  work: (item: T) => Promise<unknown>,
  tell: (outcomes: readonly Outcome[]) => void,
  isStopped: () => boolean = () => false,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = items.map((item) => ({ name: nameOf(item), state: 'waiting' }));
  tell([...outcomes]);
  for (const [index, item] of items.entries()) {
    if (isStopped()) break;
    try {
      await work(item);
      outcomes[index] = { name: nameOf(item), state: 'done' };
    } catch (error) {
      outcomes[index] = { name: nameOf(item), state: 'failed', error };
    }
    tell([...outcomes]);
  }
  return outcomes;
}
