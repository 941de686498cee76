// Exits 0 when every file of the release has the checksum that release.json says and no program file was added.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const folder = process.argv[2];
const { files } = JSON.parse(readFileSync(join(folder, 'release.json'), 'utf8'));
const wrong = Object.entries(files).filter(([path, wanted]) => {
  try {
    return (
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex') !== wanted
    );
  } catch {
    return true;
  }
});
for (const [path] of wrong) console.error(`wrong or missing: ${path}`);
const added = ['agent', 'cli'].flatMap((area) =>
  readdirSync(join(folder, area), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => files[path] === undefined),
);
for (const path of added) console.error(`not part of the release: ${path}`);
process.exit(wrong.length + added.length === 0 ? 0 : 1);
