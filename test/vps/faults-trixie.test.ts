import { describeFaults } from './faults.ts';

// The numbers are proven on the other release; here each kind of fault once.
describeFaults('trixie', { siteCount: 21, kills: 4, cutsAfterMs: [60] });
