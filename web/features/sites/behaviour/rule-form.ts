import type { SiteBehaviour } from '#shared/site-behaviour.ts';

export type RuleFormProps = {
  readonly draft: SiteBehaviour;
  readonly change: (part: Partial<SiteBehaviour>) => void;
  /** What the server said about a field of the behaviour, or about anything inside of it. */
  readonly errorAt: (field: string) => string | undefined;
  readonly errorUnder: (field: string) => string | undefined;
  readonly isFixed: boolean;
};
