import type { BackupTarget, TargetPlace } from '#shared/backups.ts';
import { isFullPath } from './plan-draft.ts';
import type { TargetBody } from './backups.queries.ts';

export const targetKinds = ['sftp', 's3', 'rest', 'rclone', 'local'] as const;
export type TargetKind = (typeof targetKinds)[number];

/** Every field of every kind as text: what was typed for one kind is still there when another was looked at. */
export type TargetDraft = {
  readonly kind: TargetKind;
  readonly name: string;
  readonly path: string;
  readonly remotePath: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly hostKey: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly url: string;
  readonly remote: string;
  readonly privateKey: string;
  readonly accessName: string;
  readonly accessSecret: string;
  readonly upload: number | '';
  readonly download: number | '';
  readonly minFreeGib: number | '';
  readonly maxGib: number | '';
};
export type TargetField = Exclude<keyof TargetDraft, 'kind'>;

const gib = 1024 ** 3;
const empty: TargetDraft = {
  kind: 'sftp',
  name: '',
  path: '',
  remotePath: '',
  host: '',
  port: '22',
  user: '',
  hostKey: '',
  endpoint: '',
  bucket: '',
  region: '',
  url: '',
  remote: '',
  privateKey: '',
  accessName: '',
  accessSecret: '',
  upload: '',
  download: '',
  minFreeGib: '',
  maxGib: '',
};

export function newTargetDraft(): TargetDraft {
  return empty;
}

export function draftOfTarget({ name, place, limits }: BackupTarget): TargetDraft {
  const { uploadKibPerSecond, downloadKibPerSecond, minFreeBytes, maxBytes } = limits;
  const inGib = (bytes: number | null): number | '' => (bytes === null ? '' : Math.round((bytes / gib) * 100) / 100);
  return {
    ...empty,
    ...fieldsOf(place),
    kind: place.kind,
    name,
    upload: uploadKibPerSecond ?? '',
    download: downloadKibPerSecond ?? '',
    minFreeGib: inGib(minFreeBytes),
    maxGib: inGib(maxBytes),
  };
}

function fieldsOf(place: TargetPlace): Partial<TargetDraft> {
  switch (place.kind) {
    case 'local':
      return { path: place.path };
    case 'sftp':
      return {
        host: place.host,
        port: String(place.port),
        user: place.user,
        hostKey: place.hostKey,
        remotePath: place.path,
      };
    case 's3':
      return { endpoint: place.endpoint, bucket: place.bucket, region: place.region, remotePath: place.path };
    case 'rest':
      return { url: place.url };
    case 'rclone':
      return { remote: place.remote, remotePath: place.path };
  }
}

function placeOf(draft: TargetDraft): TargetPlace {
  const path = draft.remotePath.trim();
  switch (draft.kind) {
    case 'local':
      return { kind: 'local', path: draft.path.trim() };
    case 'sftp':
      return {
        kind: 'sftp',
        host: draft.host.trim(),
        port: Number(draft.port) || 22,
        user: draft.user.trim(),
        path,
        hostKey: hostKeyOf(draft.hostKey),
      };
    case 's3':
      return {
        kind: 's3',
        endpoint: draft.endpoint.trim().replace(/\/+$/, ''),
        bucket: draft.bucket.trim(),
        path,
        region: draft.region.trim(),
      };
    case 'rest':
      return { kind: 'rest', url: draft.url.trim() };
    case 'rclone':
      return { kind: 'rclone', remote: draft.remote.trim().replace(/:$/, ''), path };
  }
}

/** The kind and the key from a line of `ssh-keyscan` or `known_hosts`, with or without the name before and what follows. */
export function hostKeyOf(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const pattern = /(?:^|\s)((?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/=]+)/;
  const found = lines.flatMap((line) => (line.startsWith('#') ? [] : (pattern.exec(line)?.[1] ?? [])));
  // The strongest of several.
  return found.find((line) => line.startsWith('ssh-ed25519')) ?? found[0] ?? text.trim();
}

/** null: what is kept stays. */
function secretOf(draft: TargetDraft, isNew: boolean): TargetBody['secret'] {
  if (draft.kind === 'sftp') {
    if (draft.privateKey.trim() === '') return null;
    return { kind: 'ssh_key', privateKey: `${draft.privateKey.trim()}\n` };
  }
  if (draft.kind === 's3' || draft.kind === 'rest') {
    if (draft.accessName.trim() !== '' && draft.accessSecret !== '')
      return { kind: 'access', name: draft.accessName.trim(), secret: draft.accessSecret };
    return isNew ? { kind: 'none' } : null;
  }
  return isNew ? { kind: 'none' } : null;
}

export function targetBody(draft: TargetDraft, isNew: boolean): TargetBody {
  const bytes = (value: number | ''): number | null => (value === '' ? null : Math.round(value * gib));
  return {
    name: draft.name.trim(),
    place: placeOf(draft),
    limits: {
      uploadKibPerSecond: draft.upload === '' ? null : draft.upload,
      downloadKibPerSecond: draft.download === '' ? null : draft.download,
      minFreeBytes: bytes(draft.minFreeGib),
      maxBytes: bytes(draft.maxGib),
    },
    secret: secretOf(draft, isNew),
  };
}

const required: Readonly<Record<TargetKind, readonly TargetField[]>> = {
  local: ['path'],
  sftp: ['host', 'user', 'hostKey'],
  s3: ['endpoint', 'bucket'],
  rest: ['url'],
  rclone: ['remote'],
};

/** Fields that have to be filled in first. */
export function missingFields(draft: TargetDraft, hasSecret: boolean): TargetField[] {
  const wanted: TargetField[] = ['name', ...required[draft.kind]];
  if (!hasSecret && draft.kind === 'sftp') wanted.push('privateKey');
  if (!hasSecret && draft.kind === 's3') wanted.push('accessName', 'accessSecret');
  const missing = wanted.filter((field) => String(draft[field]).trim() === '');
  if (draft.kind === 'local' && draft.path.trim() !== '' && !isFullPath(draft.path.trim())) missing.push('path');
  return missing;
}

/** The name of a field in the errors of the panel: `place.host` → `host`. */
export function fieldOfError(kind: TargetKind, name: string): TargetField | null {
  const last = name.split('.').at(-1) ?? '';
  if (name === 'name') return 'name';
  if (name === 'secret.name') return 'accessName';
  if (name === 'secret.secret') return 'accessSecret';
  if (name.startsWith('limits.'))
    return (
      ({ uploadKibPerSecond: 'upload', downloadKibPerSecond: 'download', minFreeBytes: 'minFreeGib' } as const)[last] ??
      'maxGib'
    );
  if (last === 'path') return kind === 'local' ? 'path' : 'remotePath';
  return last in empty ? (last as TargetField) : null;
}
