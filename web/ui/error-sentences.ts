import type { TFunction } from 'i18next';
import { toApiError } from '../api/errors.ts';
import type { Format } from './format.ts';

type Loose = (key: string, params?: Record<string, unknown>) => string;
type Params = Readonly<Record<string, unknown>>;
type Numbers = Pick<Format, 'bytes' | 'dateTime' | 'duration' | 'number'>;

/** The sentence for a person: the precise reason when it has one, else the code. Empty when they took the wish back. */
export function errorText(t: TFunction, error: unknown, format?: Numbers): string {
  const { code, reason, params, isWithdrawn } = toApiError(error);
  if (isWithdrawn) return '';
  const say = t as unknown as Loose;
  const shown = {
    ...shownParams(params, format),
    ...(params['until'] === '' && { until: say('errors.furtherNotice') }),
  };
  for (const key of reason === undefined ? [] : [`errors.reasons.${reason}`]) {
    const text = say(key, { ...shown, defaultValue: '' });
    if (text !== '') return text;
  }
  return say(`errors.codes.${code}`, shown);
}

/** The sentence under one field. */
export function fieldText(t: TFunction, code: string, params: Params = {}, format?: Numbers): string {
  const say = t as unknown as Loose;
  return say(`errors.fields.${code}`, {
    ...shownParams(params, format),
    defaultValue: say('errors.fields.invalid'),
  });
}

/** Amounts as this person reads them; ports, lines and names stay as they are. */
function shownParams(params: Params, format: Numbers | undefined): Params {
  if (format === undefined) return params;
  const shown = (name: string, value: unknown): unknown => {
    if (name === 'until' && typeof value === 'string' && value !== '') return format.dateTime(value);
    if (typeof value !== 'number') return value;
    if (name === 'retryAfterSeconds') return format.duration(value * 1000);
    if (/bytes$/i.test(name)) return format.bytes(value);
    return name === 'min' || name === 'max' ? format.number(value) : value;
  };
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shown(name, value)]));
}
