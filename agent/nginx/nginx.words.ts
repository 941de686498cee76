import { AppError } from '#shared/errors.ts';

/** One word as nginx reads it back: quoted unless plain. Control characters and `$` (a variable) are refused. */
export function word(value: string): string {
  if (/^[A-Za-z0-9._/:*@%+,=~-]+$/.test(value)) return value;
  if (value === '' || value.includes('$')) throw refused();
  return quoted(value);
}

/** A regular expression: `$` is the end of the text there, and no variable. */
export function pattern(value: string): string {
  if (value === '') throw refused();
  return quoted(value);
}

/** Text with variables. What people give must have passed a form in which `$` only stands before a digit. */
export function template(value: string): string {
  return quoted(value);
}

function quoted(value: string): string {
  if (/[\u0000-\u001f\u007f]/.test(value)) throw refused();
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

function refused(): AppError {
  return new AppError('invalid_request', 'A value cannot be written into the configuration.', {
    reason: 'value_not_allowed',
  });
}
