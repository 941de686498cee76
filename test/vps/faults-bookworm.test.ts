import { describeFaults } from './faults.ts';

describeFaults('bookworm');
