import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import { toApiError } from '../api/errors.ts';

type Loose = (key: string, params?: Record<string, unknown>) => string;

/** The sentence for a person: the precise reason when it has one, else the code. */
export function errorText(t: TFunction, error: unknown): string {
  const { code, reason, params } = toApiError(error);
  const say = t as unknown as Loose;
  for (const key of reason === undefined ? [] : [`errors.reasons.${reason}`]) {
    const text = say(key, { ...params, defaultValue: '' });
    if (text !== '') return text;
  }
  return say(`errors.codes.${code}`, params);
}

/** The sentence under one field. */
export function fieldText(t: TFunction, code: string, params: Readonly<Record<string, unknown>> = {}): string {
  const say = t as unknown as Loose;
  return say(`errors.fields.${code}`, { ...params, defaultValue: say('errors.fields.invalid') });
}

export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => errorText(t, error);
}

/** Errors of a form's fields by name: `{ 'domains.0': 'Not a domain.' }`. */
export function useFieldErrors(): (error: unknown) => Record<string, string> {
  const { t } = useTranslation();
  return (error) =>
    Object.fromEntries(toApiError(error).fields.map(({ field, code, params }) => [field, fieldText(t, code, params)]));
}
