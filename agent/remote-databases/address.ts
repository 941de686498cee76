import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { AppError } from '#shared/errors.ts';

/*
 * Where a host is. A name is looked up once for each piece of work, and the address that was found is what is connected to;
 * only the client of MariaDB, where it has a certificate to compare the name with, is given the name itself.
 */

const lookupMs = 6_000;
const connectMs = 4_000;
/** Of a name with more of them, no more are tried. */
const mostAddresses = 4;

/** Throws `remote_server_*`. */
export async function addressOf(host: string, port: number): Promise<string> {
  if (isIP(host) !== 0) return host;
  const found = await lookUp(host);
  const [first, ...others] = found.slice(0, mostAddresses);
  if (first === undefined) throw nameUnknown(host);
  if (others.length === 0) return first;
  // Of several, the first where somebody listens: a machine may have one of a kind that is not reached from here.
  for (const address of [first, ...others]) if ((await faultOf(address, port, connectMs)) === undefined) return address;
  return first;
}

async function lookUp(host: string): Promise<string[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(nameUnknown(host)), lookupMs);
  try {
    const found = await Promise.race([lookup(host, { all: true, order: 'ipv4first' }), late.promise]);
    return found.map(({ address }) => address);
  } catch (error) {
    throw error instanceof AppError ? error : nameUnknown(host, error);
  } finally {
    clearTimeout(timer);
  }
}

function nameUnknown(host: string, cause?: unknown): AppError {
  return new AppError('in_use', 'The name of the host was not found.', {
    reason: 'remote_server_name_unknown',
    params: { host },
    cause,
  });
}

/** Why nobody is reached there; undefined: somebody listens. */
function faultOf(address: string, port: number, timeoutMs: number): Promise<Error | undefined> {
  const done = Promise.withResolvers<Error | undefined>();
  const socket = connect({ host: address, port, timeout: timeoutMs });
  socket.once('connect', () => done.resolve(undefined));
  socket.once('timeout', () => done.resolve(new Error('timeout')));
  socket.once('error', (error) => done.resolve(error));
  return done.promise.finally(() => socket.destroy());
}
