import type { Context } from '../../context.ts';
import { numberedSlug } from './site-inputs.ts';
import { isSlugTaken } from './sites.store.ts';

/** The wanted name for files, or the first numbered one that no site has. */
export async function freeSlug({ db }: Pick<Context, 'db'>, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const slug = numberedSlug(wanted, number);
    if (!(await isSlugTaken(db, slug))) return slug;
  }
}
