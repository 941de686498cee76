/*
 * What an exclude pattern means, near enough: restic alone decides what is stored. This only spares reading files that it
 * will not store; a difference costs time and changes nothing.
 */

/** Tells whether a path relative to the source is excluded by itself (what is below it goes with it). */
export function createMatcher(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.flatMap((pattern) => {
    const test = testOf(pattern);
    return test === undefined ? [] : [test];
  });
  return (path) => tests.some((test) => test.test(path));
}

function testOf(pattern: string): RegExp | undefined {
  const isAnchored = pattern.startsWith('/');
  const body = pattern.replace(/^\/+|\/+$/g, '').replace(/\/\*\*$/, '/*');
  let source = '';
  for (let at = 0; at < body.length; at++) {
    const letter = body.charAt(at);
    if (body.startsWith('**/', at)) {
      source += '(?:[^/]+/)*';
      at += 2;
    } else if (letter === '*') source += '[^/]*';
    else if (letter === '?') source += '[^/]';
    else if (letter === '[') {
      const end = body.indexOf(']', at + 1);
      if (end === -1) return undefined;
      source += `[${body.slice(at + 1, end).replace(/[\\\]]/g, '\\$&')}]`;
      at = end;
    } else {
      if (letter === '\\') at++;
      source += body.charAt(at).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    }
  }
  try {
    return new RegExp(`${isAnchored ? '^' : '(?:^|/)'}${source}$`, 's');
  } catch {
    return undefined;
  }
}
