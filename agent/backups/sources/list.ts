import { readSiteFacts, siteSlugs } from './site-facts.ts';

/** The sites that can be saved, for `backups.sources`. */
export function listSites(where: {
  readonly prefix: string;
  readonly stateFolder: string;
}): { slug: string; root: string }[] {
  return siteSlugs(where).flatMap((slug) => {
    const facts = readSiteFacts(where, slug);
    return facts === undefined ? [] : [{ slug, root: facts.spec.root }];
  });
}
