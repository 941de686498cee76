import { createStore } from '../../layout/store.ts';

/** Recovery codes that were made a moment ago: shown once, over everything, until the person says that they are kept. */
export const freshCodes = createStore<readonly string[] | null>(null);

/** With the first second factor come codes; later ones bring none. */
export function showFreshCodes(codes: readonly string[] | null): void {
  if (codes !== null && codes.length > 0) freshCodes.set(codes);
}

/** What stands in the file that a person keeps. */
export function codesAsText(title: string, lead: string, codes: readonly string[]): string {
  return [title, '', lead, '', ...codes, ''].join('\n');
}
