/** Where PHP's files lie, as Debian lays them out; all paths already behind the prefix. */
export function phpPaths(prefix: string, version: string) {
  const etc = `${prefix}/etc/php/${version}/fpm`;
  return {
    program: `${prefix}/usr/sbin/php-fpm${version}`,
    etc,
    main: `${etc}/php-fpm.conf`,
    ini: `${etc}/php.ini`,
    pools: `${etc}/pool.d`,
    /** What all our pools of this version share. */
    shared: `${etc}/pool.d/aapanel.conf`,
    pool: (slug: string) => `${etc}/pool.d/aapanel-${slug}.conf`,
    service: `php${version}-fpm.service`,
  };
}

/** Folder that FPM's package makes at every start of the machine. */
export const socketFolder = '/run/php';

/** What of a site's PHP decides where it runs. */
export type PhpPlace = { readonly version: string; readonly isApart?: boolean };

/** Each version has a socket of its own, and so has each kind of process: the next one answers before nginx is told. */
export function phpSocket(prefix: string, { version, isApart }: PhpPlace, siteId: string): string {
  return `${prefix}${socketFolder}/aapanel-${siteId}-${version}${isApart === true ? '-own' : ''}.sock`;
}

/** A master of PHP-FPM, whether it runs or not. Paths are behind the prefix. */
export type Fpm = {
  readonly prefix: string;
  readonly version: string;
  /** The one site that it serves; null: it serves all that have none of their own. */
  readonly slug: string | null;
  /** Its configuration, which its title names. */
  readonly main: string;
  readonly service: string;
  /** Both as long as the configuration says nothing else. */
  readonly pid: string;
  readonly log: string;
};

export function sharedFpm(prefix: string, version: string): Fpm {
  const { main, service } = phpPaths(prefix, version);
  const name = `php${version}-fpm`;
  const files = { pid: `${prefix}${socketFolder}/${name}.pid`, log: `${prefix}/var/log/${name}.log` };
  return { prefix, version, slug: null, main, service, ...files };
}

/** Of one site alone. The version stands in each name: the next version starts beside the present one. */
export function ownFpm(prefix: string, version: string, slug: string): Fpm {
  const name = `aapanel-php${version}-${slug}`;
  return {
    prefix,
    version,
    slug,
    main: `${prefix}/etc/php/${version}/fpm/aapanel/${slug}.conf`,
    service: `${name}.service`,
    pid: `${prefix}${socketFolder}/${name}.pid`,
    log: `${prefix}/var/log/${name}.log`,
  };
}

/** By a name that `ownFpm` gives. */
export function ownFpmOf(prefix: string, name: string): Fpm | undefined {
  const [, version, slug] =
    /^aapanel-php(\d\.\d{1,2})-([a-z0-9_][a-z0-9._-]{0,119})\.(?:pid|log|service)$/.exec(name) ?? [];
  return version === undefined || slug === undefined ? undefined : ownFpm(prefix, version, slug);
}

/** Sessions and uploads of all sites, apart from what nginx serves. */
export const privateRoot = '/www/php';

/** Of one site: only its user may enter. */
export function privateFolders(linuxUser: string) {
  const own = `${privateRoot}/${linuxUser}`;
  return { own, sessions: `${own}/sessions`, temporary: `${own}/tmp` };
}
