import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { sitePhp } from '#shared/site-php.ts';
import type { Machine } from '../core/machine.ts';
import { findRecord, noteRecord } from '../sites/site-records.ts';
import type { World } from './world.ts';

/** For tests: commands of PHP that only say their version. */
export function putPhpCommands(world: World, versions: readonly string[]): void {
  mkdirSync(world.path('/usr/bin'), { recursive: true });
  for (const version of versions) {
    const path = world.path(`/usr/bin/php${version}`);
    writeFileSync(path, `#!/bin/sh\necho "this is php ${version}"\n`);
    chmodSync(path, 0o755);
  }
}

/** For tests: a site that is there gets PHP, or another version of it, without a pool. */
export function giveSitePhp(machine: Machine, slug: string, version: string): void {
  const record = findRecord(machine, slug);
  if (record?.settings === undefined) throw new Error('no such site');
  const next = { ...record, settings: { ...record.settings, php: sitePhp.parse({ version }) } };
  noteRecord(machine, slug, next);
  writeFileSync(`${machine.stateFolder}/sites/${slug}.json`, JSON.stringify(next));
}
