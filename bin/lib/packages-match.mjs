// Exits 0 when node_modules holds exactly the versions of package-lock.json. Plain JavaScript: runs before anything is
// installed, and on the distribution's Node too. Packages for other systems are optional and not looked at.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const project = process.argv[2] ?? '.';

function packages(path) {
  return JSON.parse(readFileSync(join(project, path), 'utf8')).packages ?? {};
}

try {
  const wanted = packages('package-lock.json');
  const present = packages('node_modules/.package-lock.json');
  const missing = Object.entries(wanted).filter(
    ([path, entry]) => path !== '' && !entry.optional && present[path]?.version !== entry.version,
  );
  process.exit(missing.length === 0 ? 0 : 1);
} catch {
  process.exit(1);
}
