import { AppError } from '#shared/errors.ts';

/** One word as nginx reads it back: quoted unless plain. Control characters and `$` (a variable) are refused. */
export function word(value: string): string {
  if (/^[A-Za-z0-9._/:*@%+,=~-]+$/.test(value)) return value;
  if (value === '' || /[\u0000-\u001f\u007f$]/.test(value))
    throw new AppError('invalid_request', 'A value cannot be written into the configuration.', {
      reason: 'value_not_allowed',
    });
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}
