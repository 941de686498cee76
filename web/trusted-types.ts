/*
 * The page's policy enforces Trusted Types: no script of ours, and none of a library, turns text into markup. The one thing
 * that still goes by `innerHTML` is the text of Mantine's style elements; it passes because it holds no markup at all.
 */

type Factory = { createPolicy(name: 'default', rules: { createHTML(text: string): string }): unknown };

/** Throws for anything that a browser could read as a tag. */
export function withoutMarkup(text: string): string {
  if (text.includes('<')) throw new TypeError('markup is not taken from text');
  return text;
}

(globalThis as { trustedTypes?: Factory }).trustedTypes?.createPolicy('default', { createHTML: withoutMarkup });
