import type { BackupSource, TargetPlace } from '#shared/backups.ts';

/** A part of a backup, from its name: `site/shop`, `database/mariadb/shop`, `folder/srv/data`, `panel`. */
export type PartName = {
  readonly kind: 'panel' | 'site' | 'database' | 'sqlite' | 'folder';
  /** What it is called on the machine; empty for the panel. */
  readonly word: string;
  /** Of a database. */
  readonly engine: 'mariadb' | 'postgresql' | null;
};

export function readPart(name: string): PartName {
  const [head = '', ...rest] = name.split('/');
  const word = rest.join('/');
  if (head === 'site') return { kind: 'site', word, engine: null };
  if (head === 'database') {
    const engine = rest[0] === 'postgresql' ? 'postgresql' : 'mariadb';
    return { kind: 'database', word: rest.slice(1).join('/'), engine };
  }
  if (head === 'folder' || head === 'sqlite') {
    return { kind: head, word: word.startsWith('/') ? word : `/${word}`, engine: null };
  }
  return { kind: 'panel', word: '', engine: null };
}

/** The same for what a plan saves; undefined for `all_…`, which stand for themselves. */
export function readSource(source: BackupSource): PartName | undefined {
  switch (source.kind) {
    case 'panel':
      return { kind: 'panel', word: '', engine: null };
    case 'site':
      return { kind: 'site', word: source.slug, engine: null };
    case 'database':
      return { kind: 'database', word: source.name, engine: source.engine };
    case 'sqlite':
    case 'folder':
      return { kind: source.kind, word: source.path, engine: null };
    default:
      return undefined;
  }
}

/** Two sources with the same key save the same. */
export function sourceKey(source: BackupSource): string {
  switch (source.kind) {
    case 'all_databases':
      return `all_databases/${source.engine}`;
    case 'database':
      return `database/${source.engine}/${source.name}`;
    case 'site':
      return `site/${source.slug}`;
    case 'sqlite':
    case 'folder':
      return `${source.kind}${source.path}`;
    default:
      return source.kind;
  }
}

/** Where a target is, in one line as the tools write it. */
export function placeLine(place: TargetPlace): string {
  switch (place.kind) {
    case 'local':
      return place.path;
    case 'sftp':
      return `${place.user}@${place.host}${place.port === 22 ? '' : `:${place.port}`}:${place.path}`;
    case 's3':
      return `${place.endpoint.replace(/^https?:\/\//, '')}/${place.bucket}${place.path === '' ? '' : `/${place.path}`}`;
    case 'rest':
      return place.url;
    case 'rclone':
      return `${place.remote}:${place.path}`;
  }
}

/** Whether it stands or falls with this machine. */
export function isSameMachine(place: TargetPlace): boolean {
  if (place.kind === 'local') return true;
  const host = place.kind === 'sftp' ? place.host : place.kind === 's3' ? hostOf(place.endpoint) : '';
  return /^(localhost|127\.|\[?::1\]?$)/.test(place.kind === 'rest' ? hostOf(place.url) : host);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
