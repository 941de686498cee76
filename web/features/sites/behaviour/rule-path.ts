/** A path as it was copied out of a browser, as people read it: decoded, without host and query. */
export function readablePath(typed: string): string {
  const text = typed.trim();
  if (text === '') return '';
  const path = text.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
  const whole = path.startsWith('/') ? path : `/${path}`;
  try {
    return decodeURI(whole);
  } catch {
    return whole;
  }
}
