import { serviceUnitPattern } from '#shared/services.ts';

export const serviceFilters = ['all', 'active', 'failed', 'inactive', 'boot'] as const;
export type ServiceFilter = (typeof serviceFilters)[number];

/** What the list of services shows, and which one is open beside it. */
export type ServicesSearch = { readonly show?: ServiceFilter; readonly search?: string; readonly unit?: string };

/** Takes what fits from an address; the rest is left out. */
export function servicesSearch(raw: Record<string, unknown>): ServicesSearch {
  const show = serviceFilters.find((each) => each === raw['show']);
  const search = typeof raw['search'] === 'string' ? raw['search'].slice(0, 200) : '';
  const unit = typeof raw['unit'] === 'string' && serviceUnitPattern.test(raw['unit']) ? raw['unit'] : undefined;
  return {
    ...(show === undefined || show === 'all' ? {} : { show }),
    ...(search === '' ? {} : { search }),
    ...(unit === undefined ? {} : { unit }),
  };
}
