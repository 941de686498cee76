import { describeServer } from './server.ts';

describeServer('bookworm', { hasRuntime: true, measuresIdle: true });
