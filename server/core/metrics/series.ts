import {
  families,
  type CounterName,
  type Family,
  type FamilyName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
} from './families.ts';

type Labels = Readonly<Record<string, string>>;
type Numbers = { readonly labels: Labels; value: number; buckets: number[]; count: number };

/** One figure of a collector. */
export type Sample = {
  readonly name: FamilyName;
  readonly labels: Labels;
  readonly value: number;
  /** Counts per bucket (not cumulative), one more than there are bounds: of a histogram, whose `value` is the sum. */
  readonly buckets?: readonly number[];
  readonly count?: number;
};

/** What prom-client writes out. */
export type ShownValue = {
  readonly labels: Record<string, string | number>;
  readonly value: number;
  readonly metricName?: string;
};

/** A closed list of labels cannot give as many; one that is no longer closed shows here before it fills the memory. */
const maxSeries = 2_000;

export function sample<N extends CounterName | GaugeName>(name: N, value: number, labels: LabelsOf<N>): Sample {
  return { name, value, labels };
}

export type Series = {
  readonly add: <N extends CounterName>(name: N, labels: LabelsOf<N>) => void;
  readonly set: <N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number) => void;
  readonly observe: <N extends HistogramName>(name: N, labels: LabelsOf<N>, seconds: number) => void;
  /** The same for what happens at every request: found once, counted by the answered function from then on. */
  readonly adder: <N extends CounterName>(name: N, labels: LabelsOf<N>) => () => void;
  readonly setter: <N extends GaugeName>(name: N, labels: LabelsOf<N>) => (value: number) => void;
  readonly observer: <N extends HistogramName>(name: N, labels: LabelsOf<N>) => (seconds: number) => void;
  /** Everything of these families is forgotten and replaced. */
  replace(names: readonly FamilyName[], samples: readonly Sample[]): void;
  shown(name: FamilyName): ShownValue[];
};

/** The figures themselves: plain numbers, so that a panel nobody scrapes pays nothing but the counting. */
export function createSeries(): Series {
  const kept = new Map<FamilyName, Map<string, Numbers>>();

  function find(name: FamilyName, labels: Labels): Numbers | undefined {
    let ofFamily = kept.get(name);
    if (ofFamily === undefined) kept.set(name, (ofFamily = new Map()));
    const { labels: names, buckets = [] }: Family = families[name];
    const key = names.map((label) => labels[label]).join('\u0000');
    let found = ofFamily.get(key);
    if (found !== undefined) return found;
    if (ofFamily.size >= maxSeries) return undefined;
    found = { labels, value: 0, buckets: buckets.length === 0 ? [] : [...buckets, 0].map(() => 0), count: 0 };
    ofFamily.set(key, found);
    return found;
  }

  const series: Series = {
    add: (name, labels) => series.adder(name, labels)(),
    set: (name, labels, value) => series.setter(name, labels)(value),
    observe: (name, labels, seconds) => series.observer(name, labels)(seconds),
    adder(name, labels) {
      const found = find(name, labels);
      return () => {
        if (found !== undefined) found.value += 1;
      };
    },
    setter(name, labels) {
      const found = find(name, labels);
      return (value) => {
        if (found !== undefined) found.value = value;
      };
    },
    observer(name, labels) {
      const found = find(name, labels);
      const { buckets } = families[name];
      return (seconds) => {
        if (found === undefined) return;
        let place = 0;
        while (place < buckets.length && seconds > (buckets[place] ?? 0)) place += 1;
        found.buckets[place] = (found.buckets[place] ?? 0) + 1;
        found.value += seconds;
        found.count += 1;
      };
    },
    replace(names, samples) {
      for (const name of names) kept.delete(name);
      for (const { name, labels, value, buckets = [], count = 0 } of samples) {
        const found = find(name, labels);
        if (found !== undefined) Object.assign(found, { value, buckets: [...buckets], count });
      }
    },
    shown(name) {
      const all = [...(kept.get(name)?.values() ?? [])];
      const { type, buckets = [] }: Family = families[name];
      if (type !== 'histogram') return all.map(({ labels, value }) => ({ labels: { ...labels }, value }));
      return all.flatMap((numbers) => shownHistogram(name, buckets, numbers));
    },
  };
  return series;
}

function shownHistogram(name: string, bounds: readonly number[], { labels, value, buckets, count }: Numbers) {
  let below = 0;
  const shown: ShownValue[] = bounds.map((le, index) => {
    below += buckets[index] ?? 0;
    return { labels: { ...labels, le }, value: below, metricName: `${name}_bucket` };
  });
  shown.push({ labels: { ...labels, le: '+Inf' }, value: count, metricName: `${name}_bucket` });
  shown.push({ labels: { ...labels }, value, metricName: `${name}_sum` });
  shown.push({ labels: { ...labels }, value: count, metricName: `${name}_count` });
  return shown;
}
