import type { Login, ServerLink } from './link.ts';
import { ServerError } from './link.ts';
import { ended, errorOf, openPostgresql, type Messages } from './postgresql.ts';

/** Of one field that is built in memory by the server. */
const mostBytes = 1024 ** 3 - 1024;

/** Whatever is sent is done, also several statements at once. */
export async function connectPostgresql(login: Login): Promise<ServerLink> {
  const { id, messages, close } = await openPostgresql(login);
  return { id, mostBytes, run: (sql, rows) => query(messages, sql, rows), close };
}

async function query(messages: Messages, sql: Buffer, rows?: () => AsyncIterable<Buffer>): Promise<void> {
  await messages.send('Q', sql, Buffer.from([0]));
  let failure: unknown;
  let done = 0;
  for (;;) {
    const { type, body } = await messages.read();
    if (type === 'C') done += 1;
    else if (type === 'E') {
      failure ??= errorOf(body, done);
      // A connection that ends says nothing more.
      if (/^(57P0[1-3]|08)/.test((failure as ServerError).code)) throw failure;
    } else if (type === 'G') failure ??= await sendRows(messages, rows);
    else if (type === 'Z') {
      if (failure !== undefined) throw failure;
      return;
    }
  }
}

/** Answers why the data could not be read; the server is told that it ends there. */
async function sendRows(messages: Messages, rows: (() => AsyncIterable<Buffer>) | undefined): Promise<unknown> {
  try {
    if (rows === undefined) throw new ServerError('57014', 'There is no data for this statement.');
    for await (const piece of rows()) {
      // Notices may come at any time; after an error it takes no more of them.
      while (messages.hasSome) {
        const { type, body } = await messages.read();
        if (type === 'E') return errorOf(body);
      }
      await messages.send('d', piece);
    }
    await messages.send('c');
    return undefined;
  } catch (error) {
    await messages.send('f', ended('the data ended early'));
    return error;
  }
}
