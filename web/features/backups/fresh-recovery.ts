import { createStore } from '../../layout/store.ts';

/**
 * The recovery key that was just made, until the person says that they have stored it. It lies in no cache and nowhere
 * else; the button that asked for it goes away with the answer, so it cannot be kept there.
 */
export const freshRecovery = createStore<{ readonly key: string; readonly keyId: string } | null>(null);
