import { runExtractor } from '../extractor.ts';

/** The extractor without the rest of the agent, for tests that start it often. */
process.exitCode = await runExtractor(process.argv.slice(3));
