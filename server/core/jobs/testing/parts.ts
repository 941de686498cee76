import { pino } from 'pino';
import type { Config } from '../../../config.ts';
import type { Db } from '../../../db/schema.ts';
import { createFakeAgent } from '../../agent-fake.ts';
import { createApiTokens } from '../../auth/api-tokens.ts';
import { createSessions } from '../../auth/sessions.ts';
import { createEvents, type Events } from '../../events.ts';
import type { JobContext } from '../handler.ts';

/** For tests: what jobs work with, on a database of the test. */
export function partsOf(db: Db, config: Config): JobContext & { readonly events: Events } {
  const log = pino({ level: 'silent' });
  const clock = { now: () => Date.now() };
  const agent = createFakeAgent({ isUnguarded: true });
  const auth = { apiTokens: createApiTokens({ db, clock, agent }), sessions: createSessions({ db, config, clock }) };
  const doors = { adopt: () => Promise.resolve(true), ports: () => [] };
  return { agent, ...auth, clock, db, doors, events: createEvents(log), log };
}
