import { mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pino, type Logger } from 'pino';
import type { Config, LogLevel } from '../config.ts';

export type Log = Logger;

/** Names of the panel's levels → pino's. */
const pinoLevels = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const satisfies Record<
  LogLevel,
  string
>;
const levelLabels: Readonly<Record<string, string>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'ERROR',
};

/** A field whose name contains one of these (case, `-` and `_` ignored) never reaches a log. The only such list. */
export const redactedNames = [
  'password',
  'passphrase',
  'secret',
  'token',
  'cookie',
  'authorization',
  'apikey',
  'privatekey',
  'sessionkey',
  'credential',
  'databaseurl',
  'redisurl',
] as const;

export const censor = '[redacted]';

/** Deeper objects are replaced by a mark: a log line is not a dump. */
const maxDepth = 6;

/** The log file is renamed to `<name>.1` … `<name>.5` at this size. */
const maxFileBytes = 10 * 1024 * 1024;
const keptFiles = 5;

/**
 * JSON lines on standard output, and in `config.logFilePath` when there is one. A file that cannot be written is
 * replaced by one in the data folder, then by none: logging never stops the panel.
 */
export function createLog(config: Pick<Config, 'logLevel' | 'logFilePath' | 'dataDir'>): Log {
  const level = pinoLevels[config.logLevel];
  const streams: { level: 'debug'; stream: { write(line: string): unknown } }[] = [
    { level: 'debug', stream: pino.destination({ fd: 1, sync: true }) },
  ];
  const file = config.logFilePath === null ? undefined : openFirst(config.logFilePath, config.dataDir);
  if (file !== undefined) streams.push({ level: 'debug', stream: file.stream });
  const log = pino(logOptions(level), pino.multistream(streams));
  if (config.logFilePath !== null && file?.path !== config.logFilePath) {
    log.warn({ wanted: config.logFilePath, used: file?.path ?? null }, 'the log file cannot be written');
  }
  return log;
}

/** Options of every logger of the panel; tests use them with a stream of their own. */
export function logOptions(level: string) {
  return {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: levelLabels[label] ?? label }),
      log: (fields: Record<string, unknown>) => redactFields(fields, 0),
    },
    serializers: { err: serializeError, error: serializeError, req: serializeRequest, res: serializeResponse },
    hooks: {
      logMethod(this: Logger, args: Parameters<Logger['info']>, method: Logger['info']) {
        const [first, ...rest] = args as unknown[];
        // pino takes the sentence of a lone error from its message, unredacted.
        const parts = first instanceof Error && rest.length === 0 ? [{ err: first }, first.message] : [first, ...rest];
        const clean = parts.map((part) => (typeof part === 'string' ? redactText(part) : part));
        Reflect.apply(method, this, clean);
      },
    },
  };
}

/** Takes passwords out of URLs and tokens out of fragments and queries. */
export function redactText(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/]*@/gi, `$1:${censor}@`)
    .replaceAll(/([#?&](?:token|key|secret|password)=)[^&\s"']+/gi, `$1${censor}`);
}

function redactFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
    clean[name] = redactedNames.some((part) => plain.includes(part)) ? censor : redactValue(value, depth + 1);
  }
  return clean;
}

/** Class instances (requests, errors) are left to the serializers. */
function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return depth > 1 ? serializeError(value) : value;
  if (depth > maxDepth) return '[…]';
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return redactFields(value as Record<string, unknown>, depth);
}

function serializeError(value: unknown): unknown {
  if (!(value instanceof Error)) return redactValue(value, 1);
  const code = 'code' in value && typeof value.code === 'string' ? { code: value.code } : {};
  return {
    type: value.name,
    message: redactText(value.message),
    ...code,
    stack: redactText(value.stack ?? ''),
    ...(value.cause === undefined ? {} : { cause: serializeError(value.cause) }),
  };
}

type RequestLike = { id?: unknown; method?: unknown; url?: unknown; ip?: unknown };

function serializeRequest(request: RequestLike): Record<string, unknown> {
  const url = typeof request.url === 'string' ? redactText(request.url) : undefined;
  return { id: request.id, method: request.method, url, address: request.ip };
}

function serializeResponse(reply: { statusCode?: unknown }): Record<string, unknown> {
  return { status: reply.statusCode };
}

type LogFile = { readonly path: string; readonly stream: { write(line: string): unknown } };

function openFirst(wanted: string, dataDir: string): LogFile | undefined {
  for (const path of [wanted, join(dataDir, 'logs', basename(wanted))]) {
    try {
      return openLogFile(path);
    } catch {
      // The next place, or standard output alone: createLog says so in the log itself.
    }
  }
  return undefined;
}

/** Throws when the file cannot be opened for appending. */
function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  const stream = pino.destination({ dest: path, sync: true, append: true, mode: 0o640 });
  let sizeBytes = statSync(path).size;
  // A full disk must not end the process; the lines still reach standard output.
  stream.on('error', () => undefined);
  return {
    path,
    stream: {
      write(line) {
        stream.write(line);
        sizeBytes += Buffer.byteLength(line);
        if (sizeBytes < maxFileBytes) return;
        sizeBytes = 0;
        rotate(path);
        stream.reopen();
      },
    },
  };
}

function rotate(path: string): void {
  for (let index = keptFiles - 1; index >= 0; index -= 1) {
    try {
      renameSync(index === 0 ? path : `${path}.${index}`, `${path}.${index + 1}`);
    } catch {
      // Fewer files than are kept.
    }
  }
}
