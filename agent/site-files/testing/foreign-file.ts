import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import type { SiteFileSite } from '#shared/site-files.ts';
import { fileHeader, paddingOf, tarEnd } from '../../backups/restore/tar-headers.ts';
import { newChangeId } from '../../testing/world.ts';
import { signManifest, type PackedDatabase, type SiteManifest } from '../site-file.ts';

/* For tests: files of sites that another panel, or somebody who is none, has written. */

export type ForeignDatabase = Omit<PackedDatabase, 'bytes' | 'packedBytes' | 'sha256'> & { readonly sql: Buffer };

const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A tar as anybody could write it. */
export function tarOf(
  entries: readonly (readonly [name: string, content: Buffer, type?: string, link?: string])[],
): Buffer {
  const blocks = entries.flatMap(([name, content, type = '0', link = '']) => {
    const header = Buffer.from(fileHeader(name, content.length));
    header.write(type, 156);
    header.write(link, 157);
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, paddingOf(content.length)];
  });
  return Buffer.concat([...blocks, tarEnd]);
}

/** A site file of another panel, with any content. */
export async function foreignFile(
  folder: string,
  site: SiteFileSite,
  packed: Buffer,
  {
    databases = [],
    secrets,
    certificate,
    ...more
  }: Partial<SiteManifest['content']> & {
    readonly databases?: readonly ForeignDatabase[];
    readonly secrets?: Buffer;
    readonly certificate?: Buffer;
  } = {},
): Promise<Buffer> {
  mkdirSync(`${folder}/other-panel`, { recursive: true });
  const dumps = databases.map(({ sql, ...facts }) => {
    const dump = zstdCompressSync(sql);
    return { dump, facts: { ...facts, bytes: sql.length, packedBytes: dump.length, sha256: sumOf(dump) } };
  });

  const manifest = await signManifest(
    `${folder}/other-panel`,
    {
      format: 'aapanel-site/1',
      fileId: newChangeId(),
      createdAt: '2026-01-01T00:00:00.000Z',
      panelVersion: '9.9.9',
      site,
      content: {
        files: 1,
        bytes: 1,
        packedBytes: packed.length,
        sha256: sumOf(packed),
        ...more,
      },
      ...(secrets === undefined
        ? {}
        : { secrets: { packedBytes: secrets.length, sha256: sumOf(secrets), variables: 1 } }),
      ...(certificate === undefined
        ? {}
        : { certificate: { packedBytes: certificate.length, sha256: sumOf(certificate) } }),
      ...(dumps.length === 0 ? {} : { databases: dumps.map(({ facts }) => facts) }),
    },
    Date.now(),
  );
  return tarOf([
    ['manifest.json', manifest],
    ...(certificate === undefined ? [] : [['certificate.json', certificate] as const]),
    ['files.tar.zst', packed],
    ...dumps.map(({ dump }, index) => [`databases/${index}.sql.zst`, dump] as const),
    ...(secrets === undefined ? [] : [['secrets.json', secrets] as const]),
  ]);
}
