import { createContext, use } from 'react';
import type { Site } from '#shared/sites.ts';

export const SiteContext = createContext<Site | undefined>(undefined);

/** The site of the page: as the panel knows it now. */
export function useSite(): Site {
  const site = use(SiteContext);
  if (site === undefined) throw new Error('useSite outside of SitePage');
  return site;
}
