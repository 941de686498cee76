import type { ar } from '../ar/ar.ts';
import { first } from './first.ts';
import { more } from './more.ts';

type ArabicOnly = 'zero' | 'two' | 'few' | 'many';
/** The keys of the Arabic base without the plural forms that English does not have. */
type TextsLike<T> = {
  readonly [K in keyof T as K extends `${infer Base}_${ArabicOnly}`
    ? `${Base}_other` extends keyof T
      ? never
      : K
    : K]: T[K] extends string ? string : TextsLike<T[K]>;
};

/** Same keys as the Arabic base: a missing one is a type error, and a test compares the rest. */
export const en = { ...first, ...more } as const satisfies TextsLike<typeof ar>;
