import type { Report } from '#server/config.ts';
import { say, type Language } from './texts.ts';

/** The findings of the validator, one line each: level, variable (unless the sentence names it), sentence. */
export function printReport(
  report: Pick<Report, 'errors' | 'warnings' | 'info'>,
  language: Language,
  print: (line: string) => void,
): void {
  const labels = { error: 'levelError', warning: 'levelWarning', info: 'levelInfo' } as const;
  for (const entry of [...report.errors, ...report.warnings, ...report.info]) {
    const sentence = entry.message[language];
    const subject = sentence.includes(entry.variable) ? '' : `${entry.variable}: `;
    print(`${say(language, labels[entry.level])}: ${subject}${sentence}`);
  }
}
