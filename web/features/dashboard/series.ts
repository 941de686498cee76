import type { SystemSample } from '#shared/system.ts';
import { share } from './levels.ts';

export const metrics = ['cpu', 'memory', 'network', 'disk'] as const;
export type Metric = (typeof metrics)[number];

/** The length of time that a chart shows. */
export const windowSeconds = 300;

/** Samples further apart than this have a hole between them, not a straight line. */
const holeMs = 5_000;

type Value = number | null;
/** Instants in seconds since 1970, and for each series one value per instant. */
export type Columns = { readonly times: readonly number[]; readonly values: readonly (readonly Value[])[] };

type Rate = SystemSample['network'][number];
type Io = SystemSample['diskIo'][number];

export function received(sample: SystemSample): number {
  return sample.network.reduce((sum, { receivedBytesPerSecond }: Rate) => sum + receivedBytesPerSecond, 0);
}
export function sent(sample: SystemSample): number {
  return sample.network.reduce((sum, { sentBytesPerSecond }: Rate) => sum + sentBytesPerSecond, 0);
}
export function read(sample: SystemSample): number {
  return sample.diskIo.reduce((sum, { readBytesPerSecond }: Io) => sum + readBytesPerSecond, 0);
}
export function written(sample: SystemSample): number {
  return sample.diskIo.reduce((sum, { writeBytesPerSecond }: Io) => sum + writeBytesPerSecond, 0);
}
export function memoryPercent({ memory }: SystemSample): number {
  return share(memory.usedBytes, memory.totalBytes);
}

/** The lines of each metric. A sample without CPU times is the first after a pause: its rates are no rates. */
const lines: Record<Metric, readonly ((sample: SystemSample) => Value)[]> = {
  cpu: [({ cpuPercent }) => cpuPercent],
  memory: [({ memory }) => memory.usedBytes, ({ memory }) => memory.cachedBytes],
  network: [(sample) => rate(sample, received), (sample) => rate(sample, sent)],
  disk: [(sample) => rate(sample, read), (sample) => rate(sample, written)],
};

function rate(sample: SystemSample, of: (sample: SystemSample) => number): Value {
  return sample.cpuPercent === null ? null : of(sample);
}

/** The samples of one metric in columns, with an empty place where readings are missing. */
export function columnsOf(samples: readonly SystemSample[], metric: Metric): Columns {
  const times: number[] = [];
  const values: Value[][] = lines[metric].map(() => []);
  let before: number | undefined;
  for (const sample of samples) {
    const at = Date.parse(sample.at);
    if (before !== undefined && at - before > holeMs) {
      times.push((before + 1_000) / 1_000);
      for (const column of values) column.push(null);
    }
    times.push(at / 1_000);
    for (const [index, line] of lines[metric].entries()) values[index]?.push(line(sample));
    before = at;
  }
  return { times, values };
}

/** The highest value of a series; null while there is none. */
export function peakOf(values: readonly Value[]): Value {
  return values.reduce<Value>(
    (peak, value) => (value === null || (peak !== null && peak >= value) ? peak : value),
    null,
  );
}

/** The last seconds as points of an SVG line in a box of `width` × `height`; newest at the end; '' without two points. */
export function sparkline(values: readonly Value[], most: number, width: number, height: number, count = 60): string {
  const recent = values.slice(-count);
  const top = Math.max(most, peakOf(recent) ?? 0);
  const step = width / (count - 1);
  const points = recent.flatMap((value, index) => {
    if (value === null) return [];
    const x = width - (recent.length - 1 - index) * step;
    const y = top === 0 ? height : height - (value / top) * height;
    return [`${x.toFixed(1)},${y.toFixed(1)}`];
  });
  return points.length < 2 ? '' : points.join(' ');
}
