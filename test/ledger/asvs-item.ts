import type { Bilingual } from './area.ts';

/*
 * One item of the OWASP Application Security Verification Standard 5.0.0 (https://github.com/OWASP/ASVS). Numbers and
 * levels are the standard's; titles are ours, because its text is under CC BY-SA.
 */

export type AsvsStatus = 'proven' | 'partial' | 'not yet' | 'not applicable';

/** A test of the tree: its file, and its name as it stands in the source; ids at its beginning do not matter. */
export type TestName = { readonly path: string; readonly name: string };

export type AsvsItem = {
  /** As the standard counts: `6.2.1`. */
  readonly id: string;
  readonly title: Bilingual;
  readonly status: AsvsStatus;
  /** What is missing, which part brings it, or why it does not apply. With `proven` only where something is to be known. */
  readonly note: Bilingual | undefined;
  readonly tests: readonly TestName[];
};

/** Names of tests of one file: `const gate = testsOf('server/core/doors-gate.test.ts')`, then `gate('…')`. */
export function testsOf(path: string): (name: string) => TestName {
  return (name) => ({ path, name });
}

export function say(en: string, ar: string): Bilingual {
  return { en, ar };
}

/** The tests do what the item asks for. */
export function proven(id: string, title: Bilingual, tests: readonly TestName[], note?: Bilingual): AsvsItem {
  return { id, title, status: 'proven', note, tests };
}

/** Something is missing, or done in another way than the standard asks: the note says what. */
export function partial(id: string, title: Bilingual, note: Bilingual, tests: readonly TestName[]): AsvsItem {
  return { id, title, status: 'partial', note, tests };
}

/** The note names the part that brings it. */
export function notYet(id: string, title: Bilingual, note: Bilingual): AsvsItem {
  return { id, title, status: 'not yet', note, tests: [] };
}

export function notApplicable(id: string, title: Bilingual, reason: Bilingual): AsvsItem {
  return { id, title, status: 'not applicable', note: reason, tests: [] };
}
