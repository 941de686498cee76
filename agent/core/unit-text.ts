import { AppError } from '#shared/errors.ts';

/** One word of a command line or an assignment, as systemd reads it back: no variable, no specifier, no end of the line. */
export function quoted(value: string): string {
  if (/[\u0000-\u001f\u007f]/.test(value)) throw refused();
  return `"${value.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}

/** A path or a name that needs no quotes. */
export function plain(value: string): string {
  if (/^[A-Za-z0-9._/@+-]+$/.test(value)) return value;
  throw refused();
}

function refused(): AppError {
  return new AppError('invalid_request', 'A value cannot be written into the configuration.', {
    reason: 'value_not_allowed',
  });
}
