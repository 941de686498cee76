import { readFileSync } from 'node:fs';
import type { SystemSample } from '#shared/system.ts';
import type { Clock } from '../../core/clock.ts';
import type { Events } from '../../core/events.ts';
import type { Log } from '../../core/log.ts';
import { createDiskReader } from './disks.ts';
import {
  cpuPercent,
  parseDiskstats,
  parseLoadavg,
  parseMeminfo,
  parseNetDev,
  parseStat,
  parseUptime,
  rates,
  type Counters,
  type CpuTimes,
} from './proc.ts';

const everyMs = 1_000;
/** Five minutes. */
const maxKept = 300;
/** Somebody who asked for the history is about to listen: keep on for this long. */
const askedMs = 5_000;

type Reading = {
  readonly at: number;
  readonly cpu: CpuTimes;
  readonly cores: readonly CpuTimes[];
  readonly disks: Counters;
  readonly network: Counters;
  readonly panelMicros: number;
};

export type Sampler = {
  /** Samples kept so far, oldest first; one of now when there is none. Asking keeps the sampling going for a moment. */
  history(): Promise<SystemSample[]>;
  stop(): void;
};

/** Samples the machine once a second while somebody looks, and does nothing at all while nobody does. */
export function createSampler({ events, clock, log }: { events: Events; clock: Clock; log: Log }): Sampler {
  const kept: SystemSample[] = [];
  const readDisks = createDiskReader();
  let timer: NodeJS.Timeout | undefined;
  let last: Reading | undefined;
  let askedUntil = 0;
  let isSampling = false;

  async function sample(): Promise<SystemSample> {
    const before = last;
    const disks = await readDisks();
    const now = performance.now();
    const stat = parseStat(read('stat'));
    const { memory, swap } = parseMeminfo(read('meminfo'));
    const usage = process.cpuUsage();
    const reading: Reading = {
      at: now,
      cpu: stat.all,
      cores: stat.cores,
      disks: parseDiskstats(read('diskstats')),
      network: parseNetDev(read('net/dev')),
      panelMicros: usage.user + usage.system,
    };
    last = reading;
    const seconds = before === undefined ? 0 : (now - before.at) / 1000;
    return {
      at: new Date(clock.now()).toISOString(),
      cpuPercent: cpuPercent(before?.cpu, reading.cpu),
      coresPercent:
        before === undefined ? [] : reading.cores.map((core, index) => cpuPercent(before.cores[index], core) ?? 0),
      load: parseLoadavg(read('loadavg')),
      memory,
      swap,
      disks,
      diskIo: rates(before?.disks, reading.disks, seconds).map(({ name, one, two }) => ({
        device: name,
        readBytesPerSecond: one,
        writeBytesPerSecond: two,
      })),
      network: rates(before?.network, reading.network, seconds).map(({ name, one, two }) => ({
        name,
        receivedBytesPerSecond: one,
        sentBytesPerSecond: two,
      })),
      uptimeSeconds: parseUptime(read('uptime')),
      panel: {
        cpuPercent:
          before === undefined
            ? null
            : Math.round(((reading.panelMicros - before.panelMicros) / 1e4 / seconds) * 10) / 10,
        memoryBytes: process.memoryUsage.rss(),
      },
    };
  }

  async function tick(): Promise<void> {
    if (isSampling) return;
    isSampling = true;
    try {
      const taken = await sample();
      kept.push(taken);
      if (kept.length > maxKept) kept.splice(0, kept.length - maxKept);
      events.publish({ type: 'system', sample: taken });
    } catch (error) {
      log.error({ err: error }, 'the machine could not be sampled');
    } finally {
      isSampling = false;
    }
    if (!isWanted()) pause();
  }

  function isWanted(): boolean {
    return events.readerCount('system') > 0 || performance.now() < askedUntil;
  }

  function resume(): void {
    if (timer !== undefined) return;
    // Rates over a pause would be averages of hours.
    if (last !== undefined && performance.now() - last.at > 3 * everyMs) last = undefined;
    timer = setInterval(() => void tick(), everyMs);
    timer.unref();
    void tick();
  }

  function pause(): void {
    clearInterval(timer);
    timer = undefined;
  }

  const offReaders = events.onReaders('system', (count) => {
    if (count > 0) resume();
  });

  return {
    async history() {
      askedUntil = performance.now() + askedMs;
      resume();
      const [latest] = kept.slice(-1);
      if (latest === undefined) return [await sample()];
      return [...kept];
    },
    stop() {
      offReaders();
      pause();
    },
  };
}

/** Missing in some containers: an empty text gives zeros, never an error. */
function read(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return '';
  }
}
