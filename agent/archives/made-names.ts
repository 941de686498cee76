import { ArchiveError, type ArchiveClass } from './archive-error.ts';
import { bytesOf, foldName, type ByteText } from './names.ts';

/*
 * Remembers every name that an archive has made, so that nothing is made twice, below a file or a link, or under a name
 * that some file system would take for another one.
 */

/** `hardlink`: a file with several names, of which this is one. */
type Leaf = { kind: 'symlink' | 'hardlink'; readonly name: ByteText };
type Folder = { readonly kind: 'folder'; readonly name: ByteText; readonly children: Children; isStated: boolean };
/** A text is the name of a plain file: the most frequent by far, and the smallest. */
type Node = ByteText | Leaf | Folder;
/** By folded name; several only where case or composition alone differ. */
type Children = Map<string, Node | Node[]>;

export type MadeNames = {
  /**
   * Takes a name for an entry. Answers the folders that must be made first (their parts), none of which the archive has
   * named yet; `isNew` is false for a folder that others had already told of.
   */
  claim(parts: readonly ByteText[], kind: 'file' | Leaf['kind'] | 'folder'): { above: ByteText[][]; isNew: boolean };
  /** Throws unless the name is an earlier regular file that is reached without a link. */
  mustBeFile(parts: readonly ByteText[], link: ByteText): void;
  isFolder(parts: readonly ByteText[]): boolean;
  /** Everything made, folders that nobody stated included. */
  readonly count: number;
};

/** `allowsFolded`: names that differ in case or composition only are in order, as long as no link is among them. */
export function createMadeNames(allowsFolded: boolean, maxCount: number): MadeNames {
  const root: Folder = { kind: 'folder', name: '', children: new Map(), isStated: true };
  let count = 0;

  const add = (folder: Folder, node: Node, parts: readonly ByteText[]): void => {
    if (++count > maxCount) throw refuse('resources', `The archive has more than ${maxCount} entries.`, parts);
    const key = foldName(nameOf(node));
    const others = folder.children.get(key);
    if (others === undefined) {
      folder.children.set(key, node);
      return;
    }
    const all = [node, ...(Array.isArray(others) ? others : [others])];
    if (!allowsFolded || all.some(isLink))
      throw refuse('name-collision', 'Two names differ only in what some file systems ignore.', parts);
    folder.children.set(key, all);
  };

  const find = (parts: readonly ByteText[]): { folder: Folder; node: Node | undefined } | undefined => {
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      const next = childOf(folder, part);
      if (next === undefined || typeof next === 'string' || next.kind !== 'folder') return undefined;
      folder = next;
    }
    return { folder, node: childOf(folder, parts.at(-1) ?? '') };
  };

  return {
    claim(parts, kind) {
      const above: ByteText[][] = [];
      let folder = root;
      for (const [at, part] of parts.slice(0, -1).entries()) {
        const child = childOf(folder, part);
        if (child === undefined) {
          const made: Folder = { kind: 'folder', name: part, children: new Map(), isStated: false };
          add(folder, made, parts);
          above.push(parts.slice(0, at + 1));
          folder = made;
          continue;
        }
        if (typeof child === 'string' || child.kind !== 'folder') throw refuseBelow(child, parts);
        folder = child;
      }
      const name = parts.at(-1) ?? '';
      const there = childOf(folder, name);
      if (there !== undefined) {
        const isFirstStatement =
          kind === 'folder' && typeof there !== 'string' && there.kind === 'folder' && !there.isStated;
        if (!isFirstStatement) throw refuse('name-collision', 'Two entries have the same name.', parts);
        there.isStated = true;
        return { above, isNew: false };
      }
      const kept = parts.length > 1 ? copyOf(name) : name;
      if (kind === 'file') add(folder, kept, parts);
      else if (kind === 'folder') add(folder, { kind, name: kept, children: new Map(), isStated: true }, parts);
      else add(folder, { kind, name: kept }, parts);
      return { above, isNew: true };
    },
    mustBeFile(parts, link) {
      const found = find(parts);
      const node = found?.node;
      if (found === undefined || node === undefined || (typeof node !== 'string' && node.kind !== 'hardlink'))
        throw new ArchiveError(
          'hardlink-escape',
          'The target of a hard link is no earlier file of the archive.',
          bytesOf(link),
        );
      if (typeof node !== 'string') return;
      // From now on a link is involved in whatever could be taken for this name.
      const key = foldName(node);
      if (Array.isArray(found.folder.children.get(key)))
        throw refuse('name-collision', 'The target of a hard link could be taken for another name.', parts);
      found.folder.children.set(key, { kind: 'hardlink', name: node });
    },
    isFolder(parts) {
      const node = find(parts)?.node;
      return parts.length === 0 || (typeof node === 'object' && node.kind === 'folder');
    },
    get count() {
      return count;
    },
  };
}

function nameOf(node: Node): ByteText {
  return typeof node === 'string' ? node : node.name;
}

/** A part of a text keeps the whole of it in memory; a copy does not. */
function copyOf(name: ByteText): ByteText {
  return Buffer.from(name, 'latin1').toString('latin1');
}

function isLink(node: Node): boolean {
  return typeof node !== 'string' && node.kind !== 'folder';
}

function childOf(folder: Folder, name: ByteText): Node | undefined {
  const found = folder.children.get(foldName(name));
  if (!Array.isArray(found)) return found !== undefined && nameOf(found) === name ? found : undefined;
  return found.find((each) => nameOf(each) === name);
}

function refuseBelow(node: ByteText | Leaf, parts: readonly ByteText[]): ArchiveError {
  return typeof node !== 'string' && node.kind === 'symlink'
    ? refuse('symlink-traversal', 'An entry stands below a link.', parts)
    : refuse('name-collision', 'An entry stands below a file.', parts);
}

function refuse(archiveClass: ArchiveClass, message: string, parts: readonly ByteText[]): ArchiveError {
  return new ArchiveError(archiveClass, message, bytesOf(parts.join('/')));
}
