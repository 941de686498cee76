import { createContext, use } from 'react';
import type { AnswerQuestion } from '../sites.queries.ts';

/** What the person asked last on this screen, so that each open form can say what it would change. */
export type Asked = { readonly question: AnswerQuestion | null; readonly ask: (question: AnswerQuestion) => void };

export const AskedContext = createContext<Asked>({ question: null, ask: () => undefined });

export function useAsked(): Asked {
  return use(AskedContext);
}
