import type { FakeActions } from '../agent-fake.ts';

type PhpActionName = Extract<keyof FakeActions, `php.${string}`>;

/** The part of the fake agent that knows PHP. */
export function createFakePhp(versions: readonly string[]): {
  readonly hasVersion: (version: string) => boolean;
  readonly actions: Pick<FakeActions, PhpActionName>;
} {
  return {
    hasVersion: (version) => versions.includes(version),
    actions: {
      'php.versions': () => Promise.resolve({ items: versions.map((version) => ({ version, isRunning: true })) }),
    },
  };
}
