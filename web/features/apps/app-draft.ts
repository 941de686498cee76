import type { SiteApp, SiteAppInput } from '#shared/site-app.ts';
import { argumentsOf, argumentsText } from './app-presets.ts';

/** A variable as it is edited. `secretId`: a kept value, which nobody sees; `isSecret` with a value: a new one. */
export type DraftVariable = {
  readonly name: string;
  readonly value: string;
  readonly isSecret: boolean;
  readonly secretId: string | null;
};

export type DraftWorker = { readonly name: string; readonly program: string; readonly arguments: string };

/** The form as it is typed: arguments are one text until they are sent. */
export type AppDraft = Omit<SiteApp, 'arguments' | 'environment' | 'workers'> & {
  readonly arguments: string;
  readonly environment: readonly DraftVariable[];
  readonly workers: readonly DraftWorker[];
};

export const freshVariable: DraftVariable = { name: '', value: '', isSecret: false, secretId: null };

export const freshWorker: DraftWorker = { name: '', program: '', arguments: '' };

export function toDraft({ arguments: list, environment, workers, ...rest }: SiteApp): AppDraft {
  return {
    ...rest,
    arguments: argumentsText(list),
    workers: workers.map((each) => ({ ...each, arguments: argumentsText(each.arguments) })),
    environment: environment.map((each) =>
      'secretId' in each
        ? { name: each.name, value: '', isSecret: true, secretId: each.secretId }
        : { name: each.name, value: each.value, isSecret: false, secretId: null },
    ),
  };
}

/** What is sent: kept secrets by their id, new ones by their value. */
export function fromDraft({ arguments: text, environment, workers, ...rest }: AppDraft): SiteAppInput {
  return {
    ...rest,
    program: rest.program.trim(),
    folder: rest.folder.trim(),
    arguments: argumentsOf(text),
    workers: workers.map(({ name, program, arguments: own }) => ({
      name,
      program: program.trim(),
      arguments: argumentsOf(own),
    })),
    environment: environment.map(({ name, value, isSecret, secretId }) =>
      secretId !== null ? { name, secretId } : isSecret ? { name, secret: value } : { name, value },
    ),
  };
}
