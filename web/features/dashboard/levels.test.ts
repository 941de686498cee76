import { describe, expect, it } from 'vitest';
import { bytesPercent, inodesPercent, levelOf, loadLevel, share, shownPercent } from './levels.ts';

const disk = {
  mount: '/',
  device: '/dev/vda1',
  fsType: 'ext4',
  totalBytes: 100,
  usedBytes: 81,
  availableBytes: 9,
  inodesTotal: 200,
  inodesUsed: 50,
};

describe('how full is too full', () => {
  it.each([
    [0, 'good'],
    [84.9, 'good'],
    [85, 'warn'],
    [94.9, 'warn'],
    [95, 'bad'],
    [100, 'bad'],
  ])('%d %% is %s', (percent, level) => {
    expect(levelOf(percent)).toBe(level);
  });

  it('a disk counts as df does: what is kept for root is neither used nor free', () => {
    expect(bytesPercent(disk)).toBe(90);
  });

  it('a file system without a fixed number of files has no percentage of them', () => {
    expect(inodesPercent(disk)).toBe(25);
    expect(inodesPercent({ ...disk, inodesTotal: 0, inodesUsed: 0 })).toBeUndefined();
  });

  it('a share of nothing is nothing, and never leaves 0 to 100', () => {
    expect(share(0, 0)).toBe(0);
    expect(share(5, 0)).toBe(0);
    expect(share(12, 10)).toBe(100);
    expect(share(-1, 10)).toBe(0);
  });

  it('almost full is not shown as full, a little is not shown as nothing', () => {
    expect([99.7, 100, 0, 0.2, 41.5].map(shownPercent)).toEqual([99, 100, 0, 1, 42]);
  });
});

describe('the load', () => {
  it.each([
    [0.4, 2, 'good'],
    [1.99, 2, 'good'],
    [2, 2, 'warn'],
    [4, 2, 'bad'],
    [1, 0, 'good'],
  ])('%d on %d cores is %s', (load, cores, level) => {
    expect(loadLevel(load, cores)).toBe(level);
  });
});
