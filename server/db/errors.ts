/** PostgreSQL unique_violation, MySQL ER_DUP_ENTRY, SQLite constraint (unique 2067, primary key 1555). */
export function isUniqueError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errno, errcode } = error as { code?: unknown; errno?: unknown; errcode?: unknown };
  return code === '23505' || errno === 1062 || errcode === 2067 || errcode === 1555;
}

/** PostgreSQL deadlock_detected and serialization_failure, MySQL ER_LOCK_DEADLOCK: the whole transaction was undone. */
export function isDeadlock(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return code === '40P01' || code === '40001' || errno === 1213;
}

/** SQLite: another process holds the file (SQLITE_BUSY and its extended codes). Nothing was done. */
export function isBusy(error: unknown): boolean {
  const errcode = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined;
  return typeof errcode === 'number' && (errcode & 0xff) === 5;
}
