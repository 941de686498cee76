import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Hundreds of passwords are hashed in a run, most of them so that somebody is signed in. At the panel's own cost each takes
 * a sixth of a second of a core and 64 MiB; in the processes of the tests it is worked out with the least there is. What is
 * stored says the panel's cost, and every other cost is worked out as it is asked for. Programs that a test starts, and so
 * all browser and machine tests, hash for real.
 */

type Argon2 = typeof crypto.argon2 & { isReal?: boolean };
const ofPanel = { memory: 64 * 1024, passes: 3 };

/** Once per process, before anything that hashes is loaded; kept at the function, which outlives this module. */
export function cheapenHashes(): void {
  const original: Argon2 = crypto.argon2;
  if (original.isReal !== undefined) return;
  const cheap: Argon2 = (algorithm, parameters, callback) => {
    const isOfPanel = parameters.memory === ofPanel.memory && parameters.passes === ofPanel.passes;
    const isCheap = isOfPanel && cheap.isReal !== true;
    original(algorithm, isCheap ? { ...parameters, memory: 8, passes: 1 } : parameters, callback);
  };
  cheap.isReal = false;
  crypto.argon2 = cheap;
  syncBuiltinESMExports();
}

/** For the tests of the hashes themselves; they put it back. */
export function hashForReal(isReal: boolean): void {
  (crypto.argon2 as Argon2).isReal = isReal;
}
