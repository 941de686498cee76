import { siteKinds, siteSort, siteStates } from '#shared/sites.ts';

/** What the list shows, kept in its address. */
export type SitesSearch = {
  readonly search?: string;
  readonly kind?: (typeof siteKinds)[number];
  readonly state?: (typeof siteStates)[number];
  readonly category?: string;
  /** A version of PHP, such as `8.3`. */
  readonly php?: string;
  readonly sort?: (typeof siteSort)[number];
  readonly order?: 'asc' | 'desc';
  /** The form for a new site is open. */
  readonly new?: true;
};

/** Takes what fits from an address; the rest is left out. */
export function sitesSearch(raw: Record<string, unknown>): SitesSearch {
  const oneOf = <T extends string>(name: string, choices: readonly T[]): { [K in string]?: T } => {
    const value = choices.find((choice) => choice === raw[name]);
    return value === undefined ? {} : { [name]: value };
  };
  const text = (name: string, max: number): { [K in string]?: string } => {
    const value = raw[name];
    return typeof value === 'string' && value !== '' ? { [name]: value.slice(0, max) } : {};
  };
  return {
    ...text('search', 200),
    ...oneOf('kind', siteKinds),
    ...oneOf('state', siteStates),
    ...text('category', 60),
    ...(typeof raw['php'] === 'string' && /^[5-9]\.\d{1,2}$/.test(raw['php']) ? { php: raw['php'] } : {}),
    ...oneOf('sort', siteSort),
    ...oneOf('order', ['asc', 'desc'] as const),
    ...(raw['new'] === true ? { new: true } : {}),
  };
}
