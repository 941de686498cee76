/** A path as people read it: `%D8%A3` is a letter. What is no text stays as it was sent. */
export function readablePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
