import { createStore } from '../../layout/store.ts';
import type { Look } from '../../ui/look.ts';

/** What a person chose on the pages before sign-in: theirs to keep once we know who they are. */
export const chosenLook = createStore<Partial<Look>>({});
