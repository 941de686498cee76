import { it } from 'vitest';
import { describeFaults } from './faults.ts';

/*
 * The same faults on the other release, each kind once: `AAPANEL_FAULTS=trixie`. Not part of every run: what goes wrong there
 * goes wrong in the same code, and the life of a server is proven on both releases.
 */
if (process.env['AAPANEL_FAULTS'] === 'trixie')
  describeFaults('trixie', { siteCount: 21, kills: 4, cutsAfterMs: [60] });
else it.skip('a server in trouble with trixie: not run, AAPANEL_FAULTS=trixie asks for it', () => undefined);
