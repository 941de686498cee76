import { describe, expect, it } from 'vitest';
import type { SystemSample } from '#shared/system.ts';
import { columnsOf, peakOf, sparkline } from './series.ts';

function sample(second: number, given: Partial<SystemSample> = {}): SystemSample {
  return {
    at: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
    cpuPercent: second,
    coresPercent: [],
    load: [0, 0, 0],
    memory: { totalBytes: 100, usedBytes: 40, availableBytes: 60, cachedBytes: 20 },
    swap: { totalBytes: 0, usedBytes: 0 },
    disks: [],
    diskIo: [
      { device: 'vda', readBytesPerSecond: 1, writeBytesPerSecond: 10 },
      { device: 'vdb', readBytesPerSecond: 2, writeBytesPerSecond: 20 },
    ],
    network: [
      { name: 'eth0', receivedBytesPerSecond: 5, sentBytesPerSecond: 7 },
      { name: 'eth1', receivedBytesPerSecond: 50, sentBytesPerSecond: 70 },
    ],
    uptimeSeconds: 1,
    panel: { cpuPercent: 0, memoryBytes: 1 },
    ...given,
  };
}
const start = Date.UTC(2026, 0, 1) / 1000;

describe('the columns of a chart', () => {
  it('have one value per sample, summed over interfaces and disks', () => {
    expect(columnsOf([sample(1), sample(2)], 'cpu')).toEqual({ times: [start + 1, start + 2], values: [[1, 2]] });
    expect(columnsOf([sample(1)], 'network').values).toEqual([[55], [77]]);
    expect(columnsOf([sample(1)], 'disk').values).toEqual([[3], [30]]);
    expect(columnsOf([sample(1)], 'memory').values).toEqual([[40], [20]]);
  });

  it('have an empty place where readings are missing, so that no line is drawn over it', () => {
    const { times, values } = columnsOf([sample(1), sample(2), sample(60)], 'cpu');
    expect(times).toEqual([start + 1, start + 2, start + 3, start + 60]);
    expect(values).toEqual([[1, 2, null, 60]]);
  });

  it('have no rates for the first sample after a pause', () => {
    const first = sample(1, { cpuPercent: null });
    expect(columnsOf([first, sample(2)], 'network').values).toEqual([
      [null, 55],
      [null, 77],
    ]);
    expect(columnsOf([first], 'memory').values).toEqual([[40], [20]]);
  });

  it('are empty without samples', () => {
    expect(columnsOf([], 'disk')).toEqual({ times: [], values: [[], []] });
  });
});

it('the highest value leaves out the holes', () => {
  expect(peakOf([1, null, 4, 2])).toBe(4);
  expect(peakOf([null])).toBeNull();
  expect(peakOf([])).toBeNull();
});

describe('a small line', () => {
  it('ends with the newest value at the end of the box', () => {
    expect(sparkline([0, 50, 100], 100, 59, 10)).toBe('57.0,10.0 58.0,5.0 59.0,0.0');
  });
  it('fits what is higher than expected', () => {
    expect(sparkline([0, 200], 100, 59, 10)).toBe('58.0,10.0 59.0,0.0');
  });
  it('lies on the ground while all is zero, and is not there with less than two points', () => {
    expect(sparkline([0, 0], 0, 59, 10)).toBe('58.0,10.0 59.0,10.0');
    expect(sparkline([null, 3], 0, 59, 10)).toBe('');
  });
});
