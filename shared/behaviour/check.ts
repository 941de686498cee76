import type { SiteBehaviour } from '../site-behaviour.ts';
import { findLoops } from './redirect-loops.ts';

export type BehaviourProblem = { readonly field: string; readonly code: string };

type Facts = {
  readonly behaviour: SiteBehaviour;
  readonly domains: readonly { readonly host: string; readonly port: number }[];
};

/** What one part of a site's behaviour alone cannot know: whether it goes with the others and with the site's names. */
export function findBehaviourProblems({ behaviour, domains }: Facts): BehaviourProblem[] {
  const problems: BehaviourProblem[] = [];
  const { mainHost, redirects } = behaviour;
  if (mainHost !== null && (mainHost.host.startsWith('*.') || !domains.some(({ host }) => host === mainHost.host)))
    problems.push({ field: 'behaviour.mainHost.host', code: 'main_host_unknown' });
  for (const index of findLoops(redirects, domains, mainHost?.host ?? null))
    problems.push({ field: `behaviour.redirects.${index}.target`, code: 'redirect_loop' });
  return problems;
}
