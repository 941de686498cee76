import { z } from 'zod';

const name = '[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]{0,99}';

/** Folder below the site's own that visitors get, such as `public`; empty: the site's folder itself. */
export const servedFolder = z
  .string()
  .max(300)
  .regex(new RegExp(`^(?:${name}(?:/${name}){0,9})?$`), { error: 'served_folder_invalid' });

type Facts = {
  readonly root: string;
  readonly kind: string;
  /** Of a site that is deployed its releases say what is served. */
  readonly deploy?: object | null;
  readonly behaviour: { readonly servedFolder: string };
};

/** Where visitors of a site of files end up; what lies beside it belongs to its scripts all the same. */
export function servedRoot({ root, kind, deploy = null, behaviour: { servedFolder: folder } }: Facts): string {
  const isServed = (kind === 'static' || kind === 'php') && deploy === null && folder !== '';
  return isServed ? `${root}/${folder}` : root;
}
