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

/** Each version has a socket of its own, so that the next one answers before nginx is told. */
export function phpSocket(prefix: string, version: string, siteId: string): string {
  return `${prefix}${socketFolder}/aapanel-${siteId}-${version}.sock`;
}

/** Sessions and uploads of all sites, apart from what nginx serves. */
export const privateRoot = '/www/php';

/** Of one site: only its user may enter. */
export function privateFolders(linuxUser: string) {
  const own = `${privateRoot}/${linuxUser}`;
  return { own, sessions: `${own}/sessions`, temporary: `${own}/tmp` };
}
