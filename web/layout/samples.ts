type Dated = { readonly at: string };

/** Both lists as one, oldest first, each instant once. ISO 8601 in UTC sorts as text. */
export function mergeSamples<T extends Dated>(some: readonly T[], more: readonly T[]): T[] {
  const byTime = new Map([...some, ...more].map((sample) => [sample.at, sample]));
  return [...byTime.values()].sort((one, other) => (one.at < other.at ? -1 : 1));
}
