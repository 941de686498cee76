import { AppError } from '#shared/errors.ts';

/*
 * What a driver throws when the server is away or the connection broke, told apart from what a statement did wrong.
 */

/** PostgreSQL: connection exceptions, too many connections, shutdown, still starting. */
const postgresStates = /^(08...|53300|57P0[1235]|57P05|25P03)$/;

/**
 * MySQL: too many connections (1040, 1203), shutdown (1053), killed (1927, 4031), host blocked by errors (1129 is lasting
 * and not here).
 */
const mysqlNumbers = new Set([1040, 1053, 1203, 1927, 4031]);

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
]);

/** pg gives these without a code. */
const postgresSentences =
  /^(Connection terminated|Client has encountered a connection error|timeout expired|Client was closed|connection timeout|Query read timeout)/i;

/** mysql2 gives these without an error number. */
const mysqlSentences = /(closed state|connection is closed|after fatal error|ECONNREFUSED|connect ETIMEDOUT)/i;

/**
 * The connection could not be made or is no more; a new one may work in a moment. A wrong password, an unknown database
 * and every fault of a statement are something else.
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AppError) return error.code === 'database_unavailable';
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isConnectionError);
  const { code, errno, syscall } = error as { code?: unknown; errno?: unknown; syscall?: unknown };
  if (typeof errno === 'number' && mysqlNumbers.has(errno)) return true;
  if (code === 'ENOENT') return syscall === 'connect';
  if (typeof code === 'string') return systemCodes.has(code) || postgresStates.test(code);
  return postgresSentences.test(error.message) || mysqlSentences.test(error.message);
}

/** The server grants no further connection: those that are open go on. */
export function isServerFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return code === '53300' || errno === 1040 || errno === 1203;
}

const retryAfterSeconds = 2;

/** Nothing was done: the database cannot be reached. */
export function databaseAway(cause: unknown): AppError {
  return new AppError('database_unavailable', 'The database of the panel does not answer; nothing was changed.', {
    reason: 'database_away',
    params: { retryAfterSeconds },
    cause,
  });
}

/** The connection broke while a change was under way. */
export function databaseLost(cause: unknown): AppError {
  return new AppError(
    'database_unavailable',
    'The connection to the database broke; look whether the change was made.',
    {
      reason: 'database_lost',
      params: { retryAfterSeconds },
      cause,
    },
  );
}

/** Nothing was done: no connection became free in time, or too many wait for one already. */
export function databaseBusy(message: string): AppError {
  return new AppError('database_unavailable', message, { reason: 'database_busy', params: { retryAfterSeconds } });
}

/** The owner kept a connection for too long: it was taken away and its transaction undone. */
export function connectionRevoked(): AppError {
  return new AppError('database_unavailable', 'The connection was kept for too long and was taken away.', {
    reason: 'database_busy',
    params: { retryAfterSeconds },
  });
}

/** Drivers make their errors where the answer arrives: this says also who asked. */
export function withCaller(error: unknown): unknown {
  if (error instanceof Error)
    error.stack = `${error.stack ?? ''}\n${new Error().stack?.split('\n').slice(2).join('\n') ?? ''}`;
  return error;
}
