/** Gives root's rights up for good; `groups`: its own first, then at most one besides. Throws when it is not possible. */
export function become(uid: number, [gid = 0, ...also]: readonly number[]): void {
  if (also.length > 1 || ![uid, gid, ...also].every((each) => Number.isSafeInteger(each) && each > 0))
    throw new Error('files are never worked on as root');
  process.setgroups?.(also);
  process.setgid?.(gid);
  process.setuid?.(uid);
  let isRootAgain = true;
  try {
    process.setuid?.(0);
  } catch {
    isRootAgain = false;
  }
  if (
    isRootAgain ||
    process.geteuid?.() !== uid ||
    process.getegid?.() !== gid ||
    process.getgroups?.().includes(0) === true
  )
    throw new Error('the rights could not be given up');
}
