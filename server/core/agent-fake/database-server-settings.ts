import { createHash } from 'node:crypto';
import {
  tuningPresets,
  type ServerSettings,
  type ServerSettingsView,
  type SlowStatement,
} from '#shared/database-server-settings.ts';

export type KeptSettings = { readonly settings: ServerSettings; readonly previous: ServerSettings | null };

/** As the distribution brings it. */
export const fakeSettings: KeptSettings = {
  settings: { preset: null, slowLog: { isOn: false, thresholdMs: 1_000 } },
  previous: null,
};

const MiB = 1024 * 1024;
const names = ['innodb_buffer_pool_size', 'key_buffer_size', 'tmp_table_size', 'max_connections', 'table_open_cache'];
const of = {
  none: [128 * MiB, 128 * MiB, 16 * MiB, 151, 2_000],
  small: [512 * MiB, 16 * MiB, 16 * MiB, 100, 1_000],
  medium: [1_024 * MiB, 32 * MiB, 32 * MiB, 200, 2_000],
  large: [2_048 * MiB, 64 * MiB, 64 * MiB, 400, 4_000],
} as const;
const peaks = { none: 0.9, small: 0.8, medium: 1.8, large: 3.4 } as const;

/** On a machine of 4 GiB. */
export function fakeSettingsView({ settings, previous }: KeptSettings): ServerSettingsView {
  const now = of[settings.preset ?? 'none'];
  return {
    path: '/etc/mysql/mariadb.conf.d/zz-aapanel.cnf',
    revision: createHash('sha256').update(JSON.stringify(settings)).digest('hex'),
    settings,
    previous,
    isChangedByHand: false,
    memoryBytes: 4_096 * MiB,
    choices: [null, ...tuningPresets].map((preset) => ({
      preset,
      values: names.map((name, index) => ({ name, now: now[index] ?? 0, next: of[preset ?? 'none'][index] ?? 0 })),
      peakBytes: Math.round(peaks[preset ?? 'none'] * 1_024 * MiB),
    })),
    waiting: [],
  };
}

/** A report without an index, and a search with a leading wildcard. */
export const fakeSlow: SlowStatement[] = [
  {
    digest: 'select customer, sum(total) from orders where note like ? group by customer order by ? desc;',
    database: 'shop',
    user: 'reporting',
    count: 14,
    totalMs: 61_200,
    mostMs: 7_400,
    rowsExamined: 16_800_000,
    rowsSent: 420,
    lastAt: '2026-11-28T09:12:44.000Z',
  },
  {
    digest: 'select id from posts where body like ? limit ?, ?;',
    database: 'blog',
    user: 'blog',
    count: 3,
    totalMs: 4_100,
    mostMs: 1_900,
    rowsExamined: 240_000,
    rowsSent: 30,
    lastAt: '2026-11-28T08:01:02.000Z',
  },
];
