import { useSyncExternalStore } from 'react';

/** A value that several screens show; without a provider. */
export type Store<T> = {
  readonly get: () => T;
  readonly set: (change: T | ((before: T) => T)) => void;
  readonly subscribe: (listener: () => void) => () => void;
};

export function createStore<T>(start: T): Store<T> {
  let value = start;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(change) {
      value = typeof change === 'function' ? (change as (before: T) => T)(value) : change;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}
