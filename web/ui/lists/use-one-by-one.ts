import { useRef, useState } from 'react';
import { oneByOne, type Outcome } from './one-by-one.ts';

type Running = { readonly title: string; readonly outcomes: readonly Outcome[]; readonly isRunning: boolean };

/** A batch of this page with what became of each; closing it stops before the next one. */
export function useOneByOne(onEnd: () => void): {
  readonly running: Running | null;
  readonly run: <T>(
    title: string,
    items: readonly T[],
    nameOf: (item: T) => string,
    work: (item: T) => Promise<unknown>,
  ) => void;
  readonly close: () => void;
} {
  const [running, setRunning] = useState<Running | null>(null);
  const round = useRef(0);
  return {
    running,
    run(title, items, nameOf, work) {
      const own = ++round.current;
      const isStopped = (): boolean => round.current !== own;
      const tell = (outcomes: readonly Outcome[]): void => {
        if (!isStopped()) setRunning({ title, outcomes, isRunning: true });
      };
      void oneByOne(items, nameOf, work, tell, isStopped).then((outcomes) => {
        if (!isStopped()) setRunning({ title, outcomes, isRunning: false });
        onEnd();
      });
    },
    close() {
      round.current++;
      setRunning(null);
    },
  };
}
