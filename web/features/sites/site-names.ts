import { formatDomain, wwwlogs, wwwroot, type Site, type SiteDomain } from '#shared/sites.ts';
import { readableDomain } from '../../ui/DomainName.tsx';

/** The name as people read it: a site that is called as its domain shows it in its own script. */
export function shownName({ name, domains }: Pick<Site, 'name' | 'domains'>): string {
  const [first] = domains;
  return first !== undefined && name === formatDomain(first) ? readableDomain(first) : name;
}

/** Where a browser finds the site; null when it has wildcard names only. */
export function addressOf(domains: readonly SiteDomain[]): string | null {
  const domain = domains.find(({ host }) => !host.startsWith('*.'));
  return domain === undefined ? null : `http://${formatDomain(domain)}/`;
}

/** What the panel makes for a new site. The short name gets a number when another site has it already. */
export function plannedPaths(first: SiteDomain, root: string) {
  const slug = first.host
    .replace(/^\*\./, '_wildcard.')
    .slice(0, 119)
    .replace(/[.-]+$/, '');
  return {
    folder: root === '' ? `${wwwroot}/${slug}` : root,
    config: `/etc/nginx/aapanel/sites/${slug}.conf`,
    accessLog: `${wwwlogs}/${slug}.access.log`,
    linuxUser: 'site-••••••••',
  };
}

/** Key of `errors.fields` when this is no folder for a site. */
export function rootProblem(root: string): 'root_outside' | 'root_invalid' | undefined {
  if (!root.startsWith(`${wwwroot}/`) || root === `${wwwroot}/`) return 'root_outside';
  const isPlain = /^\/[A-Za-z0-9._/-]+$/.test(root);
  return isPlain && !root.split('/').some((part) => part === '..' || part === '.') ? undefined : 'root_invalid';
}
