import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Operation } from '#shared/http.ts';
import { createFakeAgent } from './core/agent-fake.ts';
import { makeTestApp, type TestApp } from './testing.ts';
import { operations } from './testing/matrix.ts';

/*
 * Every body, query and path of every operation, with what no browser would send. `FUZZ_SECONDS=60` for a long look; the
 * short one is in every run, half as long on each of the other engines. No answer is a fault of ours (5xx), none hangs, and
 * no file appears.
 */

const seconds = Number(process.env['FUZZ_SECONDS'] ?? (process.env['TEST_DATABASE'] === undefined ? 4 : 2));
/** An answer that takes longer hangs. */
const hangMs = 5_000;

let test: TestApp;
let cookie = '';
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ installStepMs: 1 }) });
});

/** An owner who has just confirmed: what was tried before may have ended the last one's session or elevation. */
async function signIn(): Promise<void> {
  cookie = (await (await test.signIn('owner')).elevate()).cookie ?? '';
}
afterAll(() => test.close());

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\r\n',
    '../../etc/passwd',
    '%00',
    '$(id)',
    '`id`',
    "' or 1=1 --",
    '\u202Eabc',
    '__proto__',
    'constructor',
    'a'.repeat(5_000),
    'فراغ',
    '💥',
    '1e309',
    'null',
    '127.0.0.1',
    '::1/129',
  ),
);

const anything = fc.anything({
  key: fc.oneof(odd, fc.constantFrom('name', 'role', 'kind', 'domains', 'siteIds', 'proof', 'step', 'token')),
  values: [odd, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
  maxDepth: 3,
  withNullPrototype: false,
});

/** The fields of the operation's own body, each with whatever. */
function bodyOf(operation: Operation): fc.Arbitrary<unknown> {
  const shape = (operation.body as { shape?: Record<string, unknown> } | undefined)?.shape;
  const fields = Object.keys(shape ?? {});
  if (fields.length === 0) return anything;
  return fc.oneof(
    anything,
    fc.record(Object.fromEntries(fields.map((field) => [field, anything])), { requiredKeys: [] }),
  );
}

// Signing out, and ending the session by a factor, would only test strangers from then on.
const asked = operations.filter(({ stream, id }) => stream !== true && id !== 'signOut');

it(
  'no body, query or path of any operation makes a fault of ours, hangs or leaves a file',
  async () => {
    const before = (await readdir(test.dataDir)).toSorted();
    const endsAt = Date.now() + seconds * 1_000;
    let count = 0;
    const run = fc.asyncProperty(
      fc.constantFrom(...asked).chain((operation) => fc.tuple(fc.constant(operation), bodyOf(operation), odd, odd)),
      async ([operation, body, parameter, query]) => {
        const path = operation.path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(parameter.toWellFormed()) || 'x');
        const url = operation.query === undefined ? path : `${path}?search=${encodeURIComponent(query.toWellFormed())}`;
        const isSigned = operation.access !== 'public';
        const startedAt = performance.now();
        const answer = await test.anonymous.request(url, {
          method: operation.method,
          headers: isSigned ? { cookie } : {},
          // Strangers of many places, so that it is not their limit that answers.
          remoteAddress: `10.${count % 250}.${Math.floor(count / 250) % 250}.1`,
          ...(operation.body === undefined ? {} : { body: JSON.stringify(body) ?? '' }),
        });
        count += 1;
        expect([operation.id, answer.status < 500 ? 'fine' : answer.text]).toEqual([operation.id, 'fine']);
        expect(performance.now() - startedAt).toBeLessThan(hangMs);
      },
    );
    for (let round = 0; Date.now() < endsAt; round += 1) {
      await signIn();
      await fc.assert(run, { numRuns: 100, seed: Date.now() + round });
    }
    console.log(`fuzzing: ${count} requests to ${asked.length} operations in ${seconds} s`);
    expect(count).toBeGreaterThan(100);
    expect((await readdir(test.dataDir)).toSorted()).toEqual(before);
  },
  seconds * 1_000 + 60_000,
);
