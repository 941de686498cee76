import { describeServer } from './server.ts';

describeServer('trixie', { hasRuntime: false, measuresIdle: false });
