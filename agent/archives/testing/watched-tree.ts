import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** One line per name below a folder, its own included: type, mode, owner, target, content. Times of folders not. */
export function describeTree(folder: string, isTimed = true): string[] {
  const lines: string[] = [];
  // By bytes, one per character: names may be no text.
  const walk = (path: Buffer): void => {
    const stats = lstatSync(path, { bigint: true });
    const facts = [
      path.toString('latin1').slice(Buffer.byteLength(folder)),
      stats.mode.toString(8),
      stats.uid,
      stats.gid,
    ];
    if (stats.isSymbolicLink()) lines.push([...facts, readlinkSync(path)].join(' '));
    else if (stats.isDirectory()) {
      lines.push(facts.join(' '));
      for (const name of readdirSync(path, { encoding: 'buffer' }).sort((one, two) => Buffer.compare(one, two)))
        walk(Buffer.concat([path, Buffer.from('/'), name]));
    } else if (stats.isFile()) {
      const content = createHash('sha256').update(readFileSync(path)).digest('hex');
      lines.push([...facts, stats.nlink, content, ...(isTimed ? [stats.mtimeNs, stats.ctimeNs] : [])].join(' '));
    } else lines.push([...facts, 'special'].join(' '));
  };
  walk(Buffer.from(folder));
  return lines;
}

/** Name → content, `/` or `-> target`. */
export function readTree(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  const walk = (path: string, name: string): void => {
    const stats = lstatSync(path);
    if (name !== '')
      tree[name] = stats.isSymbolicLink()
        ? `-> ${readlinkSync(path)}`
        : stats.isDirectory()
          ? '/'
          : readFileSync(path, 'utf8');
    if (stats.isDirectory())
      // By bytes: a name that is not UTF-8 must be found again.
      for (const each of readdirSync(path, { encoding: 'buffer' })) {
        const inside = Buffer.concat([Buffer.from(`${path}/`), each]);
        const text = name === '' ? each.toString() : `${name}/${each.toString()}`;
        if (inside.equals(Buffer.from(inside.toString()))) walk(inside.toString(), text);
        else tree[text] = readFileSync(inside, 'utf8');
      }
  };
  walk(folder, '');
  return tree;
}

/** What must never stand in an unpacked folder, whatever the archive was. */
export function findFaults(folder: string): string[] {
  const faults: string[] = [];
  // By bytes: names may be no text.
  const walk = (bytes: Buffer): void => {
    const stats = lstatSync(bytes);
    const path = bytes.toString();
    if (!stats.isSymbolicLink() && (stats.mode & 0o7000) !== 0) faults.push(`${path} has special bits`);
    if (stats.isSymbolicLink()) {
      const target = readlinkSync(bytes);
      const goal = normalize(join(dirname(path), target));
      if (target.startsWith('/') || (goal !== folder && !goal.startsWith(`${folder}/`)))
        faults.push(`${path} leads out`);
    } else if (stats.isDirectory())
      for (const name of readdirSync(bytes, { encoding: 'buffer' }))
        walk(Buffer.concat([bytes, Buffer.from('/'), name]));
    else if (!stats.isFile()) faults.push(`${path} is special`);
  };
  walk(Buffer.from(folder));
  return faults;
}
