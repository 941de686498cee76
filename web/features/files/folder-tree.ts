import { crumbsOf, joinPath, nameOf } from './file-paths.ts';

/** What is known of a folder that is open. */
export type Loaded = {
  readonly names: readonly string[];
  readonly hasMore: boolean;
  readonly state: 'loading' | 'failed' | 'there';
};

/** A line of the tree: a folder, or under those of one what is still to be asked for. */
export type TreeLine = {
  readonly kind: 'folder' | 'more' | 'failed';
  /** Of the folder; of the one that holds them for what is to be asked for. */
  readonly path: string;
  readonly level: number;
  readonly isOpen: boolean;
  /** It is known to hold no folders. */
  readonly isLeaf: boolean;
  readonly isLoading: boolean;
  readonly position: number;
  readonly setSize: number;
};

/** The lines that are seen, from the top. `loaded`: of folders that are open; the one that is looked at is always among them. */
export function treeLines(loaded: ReadonlyMap<string, Loaded>, current: string): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  const onWay = new Set(crumbsOf(current).map(({ path }) => path));

  function add(path: string, level: number, position: number, setSize: number): void {
    const here = loaded.get(path);
    const isLeaf = here?.state === 'there' && here.names.length === 0;
    const isLoading = here?.state === 'loading';
    lines.push({ kind: 'folder', path, level, isOpen: here !== undefined, isLeaf, isLoading, position, setSize });
    if (here === undefined) return;
    const paths = here.names.map((name) => joinPath(path, name));
    const missing = [...onWay].find((each) => !paths.includes(each) && each === joinPath(path, nameOf(each)));
    // It may stand on a page that nobody has asked for.
    if (missing !== undefined && here.hasMore) paths.push(missing);
    const rest = here.state === 'failed' ? 'failed' : here.hasMore && here.state === 'there' ? 'more' : null;
    const size = paths.length + (rest === null ? 0 : 1);
    for (const [index, each] of paths.entries()) add(each, level + 1, index + 1, size);
    const common = { path, level: level + 1, isOpen: false, isLeaf: true, isLoading: false };
    if (rest !== null) lines.push({ kind: rest, ...common, position: size, setSize: size });
  }

  add('', 1, 1, 1);
  return lines;
}

/** Folders that are open so that another one is seen. */
export function waysTo(path: string): readonly string[] {
  return ['', ...crumbsOf(path).map((crumb) => crumb.path)].slice(0, -1);
}
