import type { BackupSource } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { look } from '../../core/files.ts';
import { panelPlace } from '../dumps/panel-place.ts';
import type { SourcePart } from '../restore/seam.ts';
import type { BackupWork } from '../work.ts';
import { stagePanel } from './panel.ts';
import { checkFolder, closedBelow } from './protected.ts';
import { readSiteFacts, siteSlugs } from './site-facts.ts';

/*
 * What people want saved → the parts of a set. Names are those that people see; a part that two sources name is saved once.
 */

export type SourceOptions = {
  /** Folders of local targets, as on this machine: never saved into themselves. */
  readonly targetPaths: readonly string[];
  /** Databases that exist now: dumps/databases.ts. */
  readonly listDatabases: (engine: 'mariadb' | 'postgresql') => Promise<readonly string[]>;
};

/** Throws `backup_source_missing` for what is named and is not there. */
export async function partsOf(
  work: BackupWork,
  sources: readonly BackupSource[],
  options: SourceOptions,
): Promise<SourcePart[]> {
  const parts = new Map<string, SourcePart>();
  for (const source of sources)
    for (const part of await partsOfOne(work, source, options)) if (!parts.has(part.name)) parts.set(part.name, part);
  return [...parts.values()];
}

async function partsOfOne(work: BackupWork, source: BackupSource, options: SourceOptions): Promise<SourcePart[]> {
  switch (source.kind) {
    case 'panel':
      return await panelParts(work);
    case 'site':
      return [sitePart(work, source.slug)];
    case 'all_sites':
      return siteSlugs(work).flatMap((slug) => (hasFiles(work, slug) ? sitePart(work, slug) : []));
    case 'database':
      return [databasePart(source.engine, source.name)];
    case 'all_databases':
      return (await options.listDatabases(source.engine)).map((name) => databasePart(source.engine, name));
    case 'sqlite':
      if (look(work.prefix + source.path).type !== 'file') throw missing(source.path);
      return [{ kind: 'dump', name: `sqlite${source.path}`, source }];
    case 'folder':
      return [folderPart(work, source.path, options.targetPaths)];
  }
}

export async function panelParts(work: BackupWork): Promise<SourcePart[]> {
  const root = stagePanel(work);
  const place = await panelPlace(work);
  const database = {
    kind: 'panel',
    engine: place.engine,
    database: place.engine === 'sqlite' ? place.path : place.database,
  } as const;
  return [
    { kind: 'tree', name: 'panel', source: { kind: 'panel', layout: 1 }, root, excludes: [] },
    { kind: 'dump', name: 'panel/database', source: database },
  ];
}

function hasFiles(work: BackupWork, slug: string): boolean {
  const facts = readSiteFacts(work, slug);
  return facts !== undefined && look(work.prefix + facts.spec.root).type === 'folder';
}

export function sitePart(work: BackupWork, slug: string): SourcePart {
  const facts = readSiteFacts(work, slug);
  const root = facts === undefined ? undefined : work.prefix + facts.spec.root;
  if (facts === undefined || root === undefined || look(root).type !== 'folder') throw missing(slug);
  const source = { kind: 'site', slug, path: facts.spec.root, record: JSON.stringify(facts) } as const;
  return { kind: 'tree', name: `site/${slug}`, source, root, excludes: [] };
}

function databasePart(engine: 'mariadb' | 'postgresql', database: string): SourcePart {
  return { kind: 'dump', name: `database/${engine}/${database}`, source: { kind: 'database', engine, database } };
}

export function folderPart(work: BackupWork, path: string, targets: readonly string[]): SourcePart {
  checkFolder({ ...work, targets }, path);
  const root = work.prefix + path;
  if (look(root).type !== 'folder') throw missing(path);
  const excludes = closedBelow({ ...work, targets }, path);
  return { kind: 'tree', name: `folder${path}`, source: { kind: 'folder', path }, root, excludes };
}

function missing(subject: string): AppError {
  return new AppError('not_found', 'This is not there to be saved.', {
    reason: 'backup_source_missing',
    params: { subject },
  });
}
