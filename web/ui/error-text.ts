import { useTranslation } from 'react-i18next';
import { toApiError } from '../api/errors.ts';
import { errorText, fieldText } from './error-sentences.ts';
import { useFormat } from './format.ts';

export { errorText, fieldText };

export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (error) => errorText(t, error, format);
}

/** Errors of a form's fields by name: `{ 'domains.0': 'Not a domain.' }`. */
export function useFieldErrors(): (error: unknown) => Record<string, string> {
  const { t } = useTranslation();
  const format = useFormat();
  return (error) =>
    Object.fromEntries(
      toApiError(error).fields.map(({ field, code, params }) => [field, fieldText(t, code, params, format)]),
    );
}
