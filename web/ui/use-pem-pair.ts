import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../api/errors.ts';
import { useFieldErrors } from './error-text.ts';
import type { PemPart, PemTexts } from './PemFields.tsx';

type Saving = { readonly isError: boolean; readonly error: unknown; reset(): void };

/** What a form with chain and key knows: their texts, what is missing or refused of each, and whether it may be sent. */
export function usePemPair(save: Saving) {
  const { t } = useTranslation();
  const fieldErrors = useFieldErrors();
  const [texts, setTexts] = useState<PemTexts>({ chain: '', key: '' });
  const [isTried, setIsTried] = useState(false);
  const errors = save.isError ? fieldErrors(save.error) : {};
  const isMissing = (part: PemPart): boolean => texts[part].trim() === '';
  return {
    texts,
    pair: { certificate: texts.chain, key: texts.key },
    /** Of the other fields of the form. */
    errors,
    /** An error that belongs to no field. */
    isOther: save.isError && toApiError(save.error).fields.length === 0,
    edit: (part: PemPart, text: string): void => {
      setTexts((before) => ({ ...before, [part]: text }));
      if (save.isError) save.reset();
    },
    errorOf: (part: PemPart): string | undefined =>
      isTried && isMissing(part) ? t('doors.certificate.required') : errors[part === 'chain' ? 'certificate' : 'key'],
    /** Answers whether both are there; from now on what is missing is said. */
    tryIt: (): boolean => {
      setIsTried(true);
      return !isMissing('chain') && !isMissing('key');
    },
  };
}
