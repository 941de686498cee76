import { z } from 'zod';
import { listNames, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import type { AccessLine } from './access-line.ts';
import { figuresFolder } from './logs.paths.ts';
import { addToTop, readTop, storeTop, type TopList } from './top-list.ts';
import { addVisitor, noVisitors, packVisitors, unpackVisitors, type Visitors } from './visitors.ts';

/*
 * What was counted of a site's visitors. One file holds how far the log was read together with what that gave, so that a
 * crash counts nothing twice; days that are over have a file each, which is written before they leave the first.
 */

/** requests, bytes, 1xx, 2xx, 3xx, 4xx, 5xx */
export type Counts = [number, number, number, number, number, number, number];

export const counts = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]);
const top = z.array(z.tuple([z.string(), z.number(), z.number()]));
const storedDetail = z.object({ visitors: z.string(), paths: top, addresses: top, agents: top });
const stored = z.object({
  /** Of the file that is read; null: none was there yet. */
  log: z.object({ inode: z.string(), offset: z.number() }).nullable(),
  countedUntil: z.number().nullable(),
  unreadable: z.number(),
  /** By hours since 1970. */
  hours: z.record(z.string(), counts),
  days: z.record(z.string(), counts),
  open: z.record(z.string(), storedDetail),
});

export type DayDetail = { visitors: Visitors; paths: TopList; addresses: TopList; agents: TopList };

export type Figures = {
  log: { inode: string; offset: number } | null;
  /** Epoch ms. */
  countedUntil: number | null;
  unreadable: number;
  readonly hours: Map<number, Counts>;
  readonly days: Map<string, Counts>;
  /** Days whose details changed since they were stored, or that are not over. */
  readonly open: Map<string, DayDetail>;
};

type Where = Pick<Machine, 'stateFolder'>;
export type SiteRef = { readonly siteId: string; readonly slug: string };

const keptDays = 31;
const keptHours = 8 * 24;
const noCounts = (): Counts => [0, 0, 0, 0, 0, 0, 0];
const dayFile = (where: Where, siteId: string, day: string): string => `${figuresFolder(where, siteId)}/${day}.json`;
export const mainFile = (where: Where, siteId: string): string => `${figuresFolder(where, siteId)}/figures.json`;

/** What was counted so far; nothing where there is nothing, or nothing that can be read. */
export function readFigures(where: Where, { siteId }: Pick<SiteRef, 'siteId'>): Figures {
  const text = readText(mainFile(where, siteId), 16 * 1024 * 1024);
  const parsed = text === undefined ? undefined : stored.safeParse(parseOr(text));
  if (parsed?.success !== true)
    return { log: null, countedUntil: null, unreadable: 0, hours: new Map(), days: new Map(), open: new Map() };
  const { data } = parsed;
  return {
    ...data,
    hours: new Map(Object.entries(data.hours).map(([hour, of]) => [Number(hour), of])),
    days: new Map(Object.entries(data.days)),
    open: new Map(Object.entries(data.open).map(([day, detail]) => [day, readDetail(detail)])),
  };
}

/** The details of a day; undefined: nobody came, or it is too long ago. */
export function findDay(
  where: Where,
  { siteId }: Pick<SiteRef, 'siteId'>,
  figures: Figures,
  day: string,
): DayDetail | undefined {
  const open = figures.open.get(day);
  if (open !== undefined) return open;
  const text = readText(dayFile(where, siteId, day), 4 * 1024 * 1024);
  const parsed = text === undefined ? undefined : storedDetail.safeParse(parseOr(text));
  return parsed?.success === true ? readDetail(parsed.data) : undefined;
}

/** `newest`: seconds since 1970 of now; a line of a clock that went ahead counts as of now. */
export function addLine(
  where: Where,
  site: Pick<SiteRef, 'siteId'>,
  figures: Figures,
  line: AccessLine,
  { newest, today }: { readonly newest: number; readonly today: string },
): void {
  const isAhead = line.at > newest;
  const hour = Math.floor((isAhead ? newest : line.at) / 3_600);
  const day = isAhead ? today : line.day;
  const group = Math.floor(line.status / 100);
  for (const each of [countsOf(figures.hours, hour), countsOf(figures.days, day)]) {
    each[0]++;
    each[1] += line.bytes;
    if (group >= 1 && group <= 5) each[(group + 1) as 2 | 3 | 4 | 5 | 6]++;
  }
  let detail = figures.open.get(day);
  if (detail === undefined) {
    detail = findDay(where, site, figures, day) ?? noDetail();
    figures.open.set(day, detail);
  }
  addVisitor(detail.visitors, `${line.address} ${line.agent}`);
  addToTop(detail.paths, line.path);
  addToTop(detail.addresses, line.address);
  addToTop(detail.agents, line.agent);
}

function countsOf<K>(all: Map<K, Counts>, key: K): Counts {
  let found = all.get(key);
  if (found === undefined) {
    found = noCounts();
    all.set(key, found);
  }
  return found;
}

/** Durable when it ends. Old hours and days go. */
export async function writeFigures(where: Where, { siteId }: Pick<SiteRef, 'siteId'>, figures: Figures): Promise<void> {
  const { hours, days, open } = figures;
  dropOldest(hours, keptHours, (one, other) => one - other);
  dropOldest(days, keptDays, (one, other) => (one < other ? -1 : 1));
  const newest = [...days.keys()].reduce((last, day) => (day > last ? day : last), '');
  for (const [day, detail] of open) {
    if (day === newest) continue;
    if (days.has(day)) await putJsonFile(dayFile(where, siteId, day), storeDetail(detail));
  }
  const current = open.get(newest);
  await putJsonFile(mainFile(where, siteId), {
    log: figures.log,
    countedUntil: figures.countedUntil,
    unreadable: figures.unreadable,
    // The days stand before what is long: `totals.ts` reads no further.
    days: Object.fromEntries(days),
    hours: Object.fromEntries(hours),
    open: current === undefined ? {} : { [newest]: storeDetail(current) },
  } satisfies z.input<typeof stored>);
  for (const day of open.keys()) if (day !== newest) open.delete(day);
  for (const name of listNames(figuresFolder(where, siteId))) {
    const day = /^(\d{4}-\d\d-\d\d)\.json$/.exec(name)?.[1];
    // What is open again has its last state in the main file.
    if (day !== undefined && (!days.has(day) || day === newest)) removeFile(`${figuresFolder(where, siteId)}/${name}`);
  }
}

function dropOldest<K>(all: Map<K, unknown>, kept: number, order: (one: K, other: K) => number): void {
  for (const key of [...all.keys()].sort(order).slice(0, -kept)) all.delete(key);
}

const noDetail = (): DayDetail => ({
  visitors: noVisitors(),
  paths: new Map(),
  addresses: new Map(),
  agents: new Map(),
});

function storeDetail({ visitors, paths, addresses, agents }: DayDetail): z.input<typeof storedDetail> {
  return {
    visitors: packVisitors(visitors),
    paths: storeTop(paths).map((each) => [...each]),
    addresses: storeTop(addresses).map((each) => [...each]),
    agents: storeTop(agents).map((each) => [...each]),
  };
}

function readDetail({ visitors, paths, addresses, agents }: z.output<typeof storedDetail>): DayDetail {
  return {
    visitors: unpackVisitors(visitors),
    paths: readTop(paths),
    addresses: readTop(addresses),
    agents: readTop(agents),
  };
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
