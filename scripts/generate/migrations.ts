import { migrationsFolder, renderList } from '#server/db/migrate-source.ts';
import { listEntries, readFolder } from '#server/db/validate/validate.ts';
import type { GeneratedFile } from '../generate.ts';

/** The list of migrations, with checksums and what each means for a running panel. */
export async function generate(): Promise<GeneratedFile[]> {
  const content = renderList(await listEntries(readFolder(migrationsFolder)));
  return [{ path: 'server/db/migrations/list.ts', content }];
}
