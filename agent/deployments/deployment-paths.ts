/** Where the releases of a site lie; all behind the prefix. */
export function deployPaths(prefix: string, root: string) {
  const base = `${prefix}${root}`;
  return {
    base,
    releases: `${base}/releases`,
    release: (id: string) => `${base}/releases/${id}`,
    /** What outlives releases; each has links to it. */
    shared: `${base}/shared`,
    /** The link to the release that is live. */
    current: `${base}/current`,
    /** The link to the one that is asked before it is live. */
    next: `${base}/next`,
    /** A name with a dot: nginx never serves it, whatever the served folder is. */
    work: `${base}/.deploy`,
    home: `${base}/.deploy/home`,
    repository: `${base}/.deploy/repository.git`,
  };
}

/** `current` → `releases/<id>`: relative, so that it stays right when the site's folder is moved. */
export function releaseTarget(id: string): string {
  return `releases/${id}`;
}

/** Sockets and settings of ssh while a deployment fetches. */
export const runFolder = '/run/aapanel-deploy';
