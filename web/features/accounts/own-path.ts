/** A place of this panel, and nothing that a browser could take for another host. */
export function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])[^\\\u0000-\u0020]*$/.test(value);
}
