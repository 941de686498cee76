import { domainToUnicode } from 'node:url';
import { settingNames, settingsOf } from '#shared/site-settings.ts';
import type { Site, SiteFacts } from '#shared/sites.ts';

/** Everything of a site that people set: what a change keeps before and after. */
export type SiteSnapshot = SiteFacts & {
  readonly slug: string;
  readonly name: string;
  readonly remark: string;
  readonly category: string;
};

/** Facts a change can touch, sorted as people read them. */
export const snapshotFields = [
  'name',
  'remark',
  'category',
  'domains',
  'isEnabled',
  'root',
  'upstream',
  'customDirectives',
  ...settingNames,
] as const;
export type SnapshotField = (typeof snapshotFields)[number];

/** Fields of the panel only: changing them asks nothing of the machine. */
const panelFields: readonly SnapshotField[] = ['name', 'remark', 'category'];

export function touchesMachine(fields: readonly SnapshotField[]): boolean {
  return fields.some((field) => !panelFields.includes(field));
}

export function snapshotOf(site: Site): SiteSnapshot {
  const { slug, name, remark, category, kind, domains, isEnabled, root, upstream, customDirectives } = site;
  const settings = settingsOf(site);
  return { slug, name, remark, category, kind, domains, isEnabled, root, upstream, customDirectives, ...settings };
}

export function isSameFact(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Names of the fields in which two snapshots differ. */
export function changedFields(before: SiteSnapshot, after: SiteSnapshot): SnapshotField[] {
  return snapshotFields.filter((field) => !isSameFact(before[field], after[field]));
}

/** What a search looks through: lower case, domains as typed and as nginx sees them. */
export function searchTextOf({ name, slug, remark, domains }: SiteSnapshot): string {
  const hosts = new Set(
    domains.flatMap(({ host, port }) => {
      const names = [host, domainToUnicode(host)].filter((text) => text !== '');
      return port === 80 ? names : names.map((text) => `${text}:${port}`);
    }),
  );
  return [name, slug, ...hosts, remark].join('\n').toLowerCase();
}

/** How a name sorts: upper and lower case together. */
export function nameKeyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().slice(0, 255);
}
