const idPattern = /^[a-z2-7]{16}$/;

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && idPattern.test(value) ? value : undefined;
}

function pageOf(value: unknown): number | undefined {
  const page = Number(value);
  return Number.isInteger(page) && page > 1 && page <= 1_000_000 ? page : undefined;
}

function textOf(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= max ? value : undefined;
}

type Loose<T> = { [K in keyof T]?: T[K] | undefined };

/** Without what is not set: it does not stand in the address. */
function tidy<T extends object>(search: Loose<T>): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}

/** Which sheet lies beside the overview: a plan or a target, by id, or a new one. */
export type BackupsSearch = { readonly plan?: string; readonly target?: string };
export function backupsSearch(raw: Record<string, unknown>): BackupsSearch {
  const sheet = (value: unknown): string | undefined => (value === 'new' ? value : idOf(value));
  return tidy<BackupsSearch>({ plan: sheet(raw['plan']), target: sheet(raw['target']) });
}

/** Which alert address lies beside the list, or a new one. */
export type AlertsSearch = { readonly hook?: string };
export function alertsSearch(raw: Record<string, unknown>): AlertsSearch {
  return tidy<AlertsSearch>({ hook: raw['hook'] === 'new' ? 'new' : idOf(raw['hook']) });
}

/** What the list of backups shows. */
export type SetsSearch = {
  readonly plan?: string;
  readonly target?: string;
  readonly part?: string;
  readonly page?: number;
};
export function setsSearch(raw: Record<string, unknown>): SetsSearch {
  return tidy<SetsSearch>({
    plan: idOf(raw['plan']),
    target: idOf(raw['target']),
    part: textOf(raw['part'], 4200),
    page: pageOf(raw['page']),
  });
}

/** Where somebody stands in the files of a backup. */
export type SetSearch = { readonly part?: string; readonly folder?: string; readonly page?: number };
export function setSearch(raw: Record<string, unknown>): SetSearch {
  return tidy<SetSearch>({
    part: textOf(raw['part'], 4200),
    folder: textOf(raw['folder'], 4096),
    page: pageOf(raw['page']),
  });
}

export type RunsSearch = { readonly page?: number; readonly run?: string };
export function runsSearch(raw: Record<string, unknown>): RunsSearch {
  return tidy<RunsSearch>({ page: pageOf(raw['page']), run: idOf(raw['run']) });
}
