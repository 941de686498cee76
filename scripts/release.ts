// `node scripts/release.ts [--out FOLDER] [--archive]`: makes what a server gets. Everything that runs is bundled into
// two programs (cli/ with the web process, agent/), so that production carries no package folder and starts in a third of
// the time and less memory than from sources (docs/decisions). The browser part must have been built before.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundlePrograms } from './bundle.ts';

const project = resolve(import.meta.dirname, '..');

/** Licence texts of everything bundled, as their terms ask. */
async function notices(packages: Iterable<string>): Promise<string> {
  const parts: string[] = ['Parts of this program come from the packages below, each under its own terms.\n'];
  for (const folder of [...packages].toSorted()) {
    const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
    parts.push(
      `${'='.repeat(80)}\n${String(about['name'])} ${String(about['version'])} (${String(about['license'])})\n`,
    );
    for (const name of names.toSorted())
      if ((await stat(join(folder, name))).isFile()) parts.push(await readFile(join(folder, name), 'utf8'));
  }
  return parts.join('\n');
}

async function manifest(out: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const names = await readdir(out, { recursive: true, withFileTypes: true });
  const paths = names.filter((name) => name.isFile()).map((name) => relative(out, join(name.parentPath, name.name)));
  for (const path of paths.toSorted())
    files[path] = createHash('sha256')
      .update(await readFile(join(out, path)))
      .digest('hex');
  return files;
}

const { values } = parseArgs({
  options: { out: { type: 'string' }, archive: { type: 'boolean', default: false } },
});
const about = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as Record<string, string>;
const version = about['version'] ?? '0.0.0';
const out = resolve(values.out ?? join(project, 'dist', 'release', `aapanel-${version}`));

const hasWeb = await stat(join(project, 'dist', 'web', 'index.html')).catch(() => undefined);
if (hasWeb === undefined) {
  console.error('dist/web is missing: run `npm run build` first');
  process.exit(1);
}
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const packages = await bundlePrograms(out);
await cp(join(project, 'dist', 'web'), join(out, 'dist', 'web'), { recursive: true });
await cp(join(project, 'deploy'), join(out, 'deploy'), { recursive: true });
await cp(join(project, 'bin', 'lib'), join(out, 'bin', 'lib'), { recursive: true });
for (const name of ['LICENSE', 'README.md', 'README.ar.md', 'docs/openapi.json'])
  if ((await stat(join(project, name)).catch(() => undefined)) !== undefined)
    await cp(join(project, name), join(out, name));
await writeFile(join(out, 'THIRD-PARTY-NOTICES.txt'), await notices(packages));
const { name = 'aapanel', description = '', license = '', type = 'module' } = about;
const engines = (JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { engines?: unknown }).engines;
await writeFile(
  join(out, 'package.json'),
  `${JSON.stringify({ name, version, description, license, type, private: true, engines, bin: { aapanel: 'cli/main.js' } }, null, 2)}\n`,
);
await writeFile(join(out, 'release.json'), `${JSON.stringify({ version, files: await manifest(out) }, null, 2)}\n`);
console.log(out);

if (values.archive) {
  const file = `${out}.tar.gz`;
  const args = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '-czf', file, '-C', dirname(out)];
  const tar = spawnSync('tar', [...args, out.slice(dirname(out).length + 1)], { stdio: 'inherit' });
  if (tar.status !== 0) process.exit(1);
  console.log(file);
}
