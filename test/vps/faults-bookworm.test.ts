import { describeFaults } from './faults.ts';

describeFaults('bookworm', { siteCount: 101, kills: 16, cutsAfterMs: [40, 90] });
