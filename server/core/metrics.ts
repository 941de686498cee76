import type { Registry } from 'prom-client';
import type { Log } from './log.ts';
import {
  families,
  familyNames,
  isOfBackups,
  processFamilies,
  type Family,
  type FamilyName,
} from './metrics/families.ts';
import { createSeries, type Sample, type Series, type ShownValue } from './metrics/series.ts';

/** Reads figures when somebody scrapes. Throwing leaves its families out of this scrape, and the rest as it is. */
export type Collector = {
  /** The `from` of its families. */
  readonly name: string;
  collect(): Promise<readonly Sample[]>;
};

export type Metrics = Pick<Series, 'add' | 'set' | 'observe' | 'adder' | 'setter' | 'observer'> & {
  /** Throws when the name is taken, or no family comes from it. */
  collectFrom(collector: Collector): void;
  /** Prometheus text, format 0.0.4. Never throws for a collector that fails. */
  text(options: { readonly hasBackups: boolean }): Promise<string>;
};

/** A collector that takes longer failed: the scrape must not hang on it. */
const collectorMs = 1_000;

/**
 * The panel's figures. They are counted in plain numbers; prom-client, which takes its time and memory, is loaded by the
 * first scrape and writes them out.
 */
export function createMetrics({ log }: { readonly log: Log }): Metrics {
  const series = createSeries();
  const collectors = new Map<string, { readonly collector: Collector; readonly names: readonly FamilyName[] }>();
  series.set('aapanel_http_requests_in_flight', {}, 0);

  async function runOne({
    collector,
    names,
  }: {
    readonly collector: Collector;
    readonly names: readonly FamilyName[];
  }) {
    const startedAt = performance.now();
    const labels = { collector: collector.name };
    try {
      const samples = await inTime(collector.collect());
      series.replace(names, samples);
    } catch (error) {
      log.debug({ err: error, collector: collector.name }, 'a collector of the metrics failed');
      series.replace(names, []);
      series.add('aapanel_scrape_collector_errors_total', labels);
    }
    series.set('aapanel_scrape_collector_duration_seconds', labels, (performance.now() - startedAt) / 1000);
  }

  return {
    ...series,
    collectFrom(collector) {
      const names = familyNames.filter((name) => families[name].from === collector.name);
      if (collectors.has(collector.name) || names.length === 0) {
        throw new Error(`the collector ${collector.name} exists twice or has no family`);
      }
      collectors.set(collector.name, { collector, names });
    },
    async text({ hasBackups }) {
      const startedAt = performance.now();
      const wanted = [...collectors.values()].filter(({ names }) => hasBackups || !names.some(isOfBackups));
      await Promise.all(wanted.map(runOne));
      series.set('aapanel_scrape_duration_seconds', {}, (performance.now() - startedAt) / 1000);
      const { Registry: OneRegistry } = await import('prom-client');
      const registry = new OneRegistry();
      for (const metric of await processMetrics()) register(registry, metric);
      for (const name of familyNames) if (hasBackups || !isOfBackups(name)) register(registry, metricOf(name, series));
      return registry.metrics();
    },
  };
}

/** prom-client asks a metric for its present values and writes them out; it does not care who keeps them. */
type Metric = {
  readonly name: string;
  get(): Promise<{ name: string; help: string; type: string; values: readonly ShownValue[] }>;
};

function register(registry: Registry, metric: Metric): void {
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}

function metricOf(name: FamilyName, series: Series): Metric {
  const { type, help }: Family = families[name];
  return { name, get: () => Promise.resolve({ name, help, type, values: series.shown(name) }) };
}

let ofProcess: Promise<readonly Metric[]> | undefined;

/** One set for the whole process: its watchers of event loop and garbage collection run from the first scrape on. */
function processMetrics(): Promise<readonly Metric[]> {
  ofProcess ??= import('prom-client').then(({ Registry: OneRegistry, collectDefaultMetrics }) => {
    const registry = new OneRegistry();
    // Each step wakes the process; finer than 50 ms says nothing that a person could act on.
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
    const known: readonly string[] = processFamilies;
    const all = registry.getMetricsAsArray() as unknown as Metric[];
    return all.filter(({ name }) => known.includes(name)).map(onlyMeasured);
  });
  return ofProcess;
}

/** Of an event loop nobody has measured since the scrape before, the mean is no number and the least the largest one. */
const neverSeconds = 1e9;

function onlyMeasured(metric: Metric): Metric {
  const isLag = metric.name.startsWith('nodejs_eventloop_lag_');
  return {
    name: metric.name,
    async get() {
      const found = await metric.get();
      const isMeasured = ({ value }: ShownValue) => Number.isFinite(value) && !(isLag && value > neverSeconds);
      return { ...found, values: found.values.filter(isMeasured) };
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('took too long')), collectorMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
