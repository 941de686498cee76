import { it } from 'vitest';

export type Step = (name: string, body: () => Promise<void>) => void;

/**
 * Tests of one machine's life, in order. After a failed step the later ones are not run: they would only repeat its
 * failure, and a step that could not run never shows as passed.
 */
export function steps(): Step {
  // The step that has begun and not succeeded: it failed, or ran out of time.
  let open: string | undefined;
  return (name, body) => {
    it(name, async (context) => {
      if (open !== undefined) context.skip(`not run: failed before: ${open}`);
      open = name;
      await body();
      open = undefined;
    });
  };
}
