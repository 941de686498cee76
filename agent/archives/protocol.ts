import { AppError } from '#shared/errors.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { ArchiveError, isArchiveClass } from './archive-error.ts';
import type { ByteSource } from './byte-source.ts';
import type { ExpectedEntry, ExtractReport, ExtractRules } from './extract.ts';
import type { ExtractLimits } from './limits.ts';
import type { ByteText } from './names.ts';

/*
 * What the agent and the extractor say to each other. In: one line with the rules, one line per name of the manifest, an
 * empty line, and the archive, all on standard input (a list of 200,000 names fits into no argument). Out: one line.
 */

export type Listed = ExpectedEntry & { readonly name: ByteText };

const batchBytes = 64 * 1024;
const maxLineBytes = 1024 * 1024;

/** Everything that the extractor reads before the archive, in chunks of a moderate size. */
export function* writePreface(
  mode: ExtractRules['mode'],
  limits: ExtractLimits,
  expected: Iterable<Listed> | undefined,
  onlyLists = false,
): Generator<Buffer> {
  // JSON has no infinity: null is none.
  let text = `${JSON.stringify({ mode, limits, onlyLists })}\n`;
  for (const { name, type, sizeBytes, sha256, target, isRawName } of expected ?? []) {
    text += `${JSON.stringify([name, type, sizeBytes, sha256, target, isRawName])}\n`;
    if (text.length < batchBytes) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}\n`);
}

/** Reads the preface and leaves the source at the first byte of the archive. */
export async function readPreface(source: ByteSource): Promise<ExtractRules> {
  const { mode, limits, onlyLists } = JSON.parse(await readLine(source)) as {
    mode: ExtractRules['mode'];
    onlyLists: boolean;
    limits: { [K in keyof ExtractLimits]: number | null };
  };
  const rules = {
    mode,
    onlyLists,
    limits: Object.fromEntries(
      Object.entries(limits).map(([name, value]) => [name, value ?? Number.POSITIVE_INFINITY]),
    ) as ExtractLimits,
  };
  const expected = new Map<ByteText, ExpectedEntry>();
  for (;;) {
    const line = await readLine(source);
    if (line === '') break;
    const [name, type, sizeBytes, sha256, target, isRawName] = JSON.parse(line) as [
      ByteText,
      ExpectedEntry['type'],
      number | null,
      string | null,
      ByteText | null,
      boolean | null,
    ];
    if (expected.has(name))
      throw new ArchiveError('manifest', 'The list has a name twice.', Buffer.from(name, 'latin1'));
    expected.set(name, {
      type,
      ...(sizeBytes !== null && { sizeBytes }),
      ...(sha256 !== null && { sha256 }),
      ...(target !== null && { target }),
      ...(isRawName === true && { isRawName }),
    });
  }
  return mode === 'own' ? { ...rules, expected } : rules;
}

async function readLine(source: ByteSource): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = await source.some(maxLineBytes);
    if (part === undefined) throw new Error('the rules end too early');
    const end = part.indexOf(0x0a);
    if (end !== -1) {
      source.putBack(part.subarray(end + 1));
      parts.push(part.subarray(0, end));
      return Buffer.concat(parts).toString('utf8');
    }
    parts.push(part);
    length += part.length;
    if (length > maxLineBytes) throw new Error('a line of the rules is too long');
  }
}

type Answer =
  | { readonly report: ExtractReport }
  | { readonly refused: { readonly archiveClass: string; readonly message: string; readonly name: string } }
  | { readonly failed: { readonly reason?: string; readonly message: string } };

export function writeAnswer(outcome: ExtractReport | { readonly error: unknown }): string {
  return `${JSON.stringify('error' in outcome ? answerOf(outcome.error) : { report: outcome })}\n`;
}

function answerOf(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ArchiveError)
    return { refused: { archiveClass: error.archiveClass, message, name: String(error.params['name']) } };
  const reason = error instanceof AppError ? error.reason : undefined;
  return { failed: { ...(reason === undefined ? {} : { reason }), message } };
}

/** The report, or the error that the extractor met; undefined when it has said nothing that can be read. */
export function readAnswer(output: string): ExtractReport | AppError | undefined {
  const line = output.trim();
  if (!line.startsWith('{')) return undefined;
  let answer: Answer;
  try {
    answer = JSON.parse(line) as Answer;
  } catch {
    return undefined;
  }
  if ('report' in answer) return answer.report;
  if ('refused' in answer && isArchiveClass(answer.refused.archiveClass))
    return new ArchiveError(answer.refused.archiveClass, answer.refused.message, answer.refused.name);
  if ('failed' in answer && answer.failed.reason !== undefined && isErrorReason(answer.failed.reason))
    return new AppError('internal', answer.failed.message, { reason: answer.failed.reason });
  return 'failed' in answer ? extractorFailed(answer.failed.message) : undefined;
}

export function extractorFailed(cause: string): AppError {
  return new AppError('internal', 'The program that unpacks the archive has ended early; nothing was kept.', {
    reason: 'archive_extractor_failed',
    cause,
  });
}
