/** How a person looks at folders, in this browser. */
export type FilesLook = {
  readonly view: 'list' | 'grid';
  /** The folders beside the list. */
  readonly showsTree: boolean;
};

const nameFor = (userId: string): string => `aapanel.files-look.${userId}`;

export function storedFilesLook(userId: string): FilesLook {
  try {
    const stored = JSON.parse(localStorage.getItem(nameFor(userId)) ?? '{}') as Partial<FilesLook>;
    return { view: stored.view === 'grid' ? 'grid' : 'list', showsTree: stored.showsTree === true };
  } catch {
    return { view: 'list', showsTree: false };
  }
}

export function storeFilesLook(userId: string, look: FilesLook): void {
  try {
    localStorage.setItem(nameFor(userId), JSON.stringify(look));
  } catch {
    // Storage is full or forbidden: it is as usual the next time.
  }
}
