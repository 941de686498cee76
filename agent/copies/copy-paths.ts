import { wwwroot } from '#shared/site-folders.ts';

/** Where copies are gathered: beside the sites, so that they come into their place by a rename. Only root looks in. */
export const copiesFolder = `${wwwroot}/.copies`;

/**
 * The folder that belongs to a site: its own below the folder of all sites when the served one lies in it
 * (`/www/wwwroot/example.com` with `/www/wwwroot/example.com/public`), otherwise the served one.
 */
export function baseOf({ slug, root }: { readonly slug: string; readonly root: string }): string {
  const own = `${wwwroot}/${slug}`;
  return root === own || root.startsWith(`${own}/`) ? own : root;
}

/** What the site of this copy does not need: work of deployments, and releases that are not served. */
export function isLeftBehind(path: string, releaseId: string | null): boolean {
  if (releaseId === null) return false;
  if (path === '.deploy' || path === 'next') return true;
  return path.startsWith('releases/') && path !== `releases/${releaseId}` && !path.startsWith(`releases/${releaseId}/`);
}
