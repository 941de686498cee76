import { stat } from 'node:fs/promises';
import { checkChain } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import type { Config } from '../config.ts';
import { readPair, secureContextOf, type Pair } from './doors-certificate.ts';

/*
 * The pair that the configuration names by its files. Another tool may put a new one there at any time: it is taken up when it
 * can be used as a whole, and until then the one before goes on.
 */

export type PairFiles = {
  /** The last one that could be used; null: plain HTTP. Throws while there never was one. */
  current(): Promise<Pair | null>;
  /** Looks whether the files have changed; true when another pair is to be served. Reads them only then. */
  look(): Promise<boolean>;
  /** Why the files as they are now were not taken up: a key of `errors.certificate`. null: they are served. */
  fault(): string | null;
};

export function createPairFiles(config: Pick<Config, 'dataDir' | 'tls'>, now: () => number): PairFiles {
  let pair: Pair | null | undefined;
  let mark = '';
  let fault: string | null = null;

  return {
    async current() {
      if (pair !== undefined) return pair;
      mark = await markOf(config.tls);
      pair = await readPair(config, null);
      return pair;
    },
    async look() {
      if (pair === undefined || pair === null) return false;
      const seen = await markOf(config.tls);
      if (seen === mark) return false;
      mark = seen;
      // A tool that changes both files one after the other is seen in between: the second change is looked at again.
      const next = await readNew(config, now());
      if ('why' in next) {
        fault = next.why;
        return false;
      }
      fault = null;
      const isOther = next.certificate !== pair.certificate || next.key !== pair.key;
      pair = next;
      return isOther;
    },
    fault: () => fault,
  };
}

async function readNew(config: Pick<Config, 'dataDir' | 'tls'>, now: number): Promise<Pair | { readonly why: string }> {
  try {
    const next = await readPair(config, null);
    if (next === null) return { why: 'not_readable' };
    checkChain(next, { now, owner: 'panel' });
    secureContextOf(next);
    return next;
  } catch (error) {
    const why = error instanceof AppError ? error.params['why'] : undefined;
    return { why: typeof why === 'string' ? why : 'not_readable' };
  }
}

/** Tells changed files from the same ones without reading them; links are followed. */
async function markOf(tls: Config['tls']): Promise<string> {
  if (tls === null) return '';
  const each = [tls.certPath, tls.keyPath].map(async (path) => {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found === undefined ? 'none' : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
  });
  return (await Promise.all(each)).join(' ');
}
