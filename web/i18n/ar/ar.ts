import { first } from './first.ts';
import { more } from './more.ts';

/** The base of all texts: keys, variables and plural forms are checked against it. */
export const ar = { ...first, ...more } as const;
