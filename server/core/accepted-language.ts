import type { IncomingHttpHeaders } from 'node:http';

export type AcceptedLanguage = 'ar' | 'en';

/** The first of ours that a browser asks for, else Arabic: for what is written outside of the application. */
export function acceptedLanguage({ 'accept-language': accepted = '' }: IncomingHttpHeaders): AcceptedLanguage {
  const names = accepted.split(',').map((part) => part.trim().slice(0, 2));
  return names.find((name): name is AcceptedLanguage => name === 'ar' || name === 'en') ?? 'ar';
}
