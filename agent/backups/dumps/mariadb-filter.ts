import { Transform, type TransformCallback } from 'node:stream';
import { quoted } from './client.ts';
import { MariadbReader, whatIsMade } from './mariadb-reader.ts';
import { wordAt, type Token } from './scanner-facts.ts';

/** What of a dump is loaded: all, all but events, or what is no table and no event's. */
export type MariadbPieces = 'all' | 'no_events' | 'tables' | 'code';

/**
 * Lets only statements pass that a dump of one database has, so that loading it cannot reach another one, and only the
 * pieces that are asked for. `database` stands in for the name in statements about the database itself.
 */
export class MariadbFilter extends Transform {
  readonly #reader: MariadbReader;
  readonly #pieces: MariadbPieces;
  readonly #database: string;
  #held: Buffer[] = [];
  #chunk: Buffer = Buffer.alloc(0);
  #from = 0;
  #isDropping = false;
  #isData = false;
  #heldBytes = 0;

  constructor(pieces: MariadbPieces, database: string) {
    super({ highWaterMark: 256 * 1024 });
    this.#pieces = pieces;
    this.#database = database;
    this.#reader = new MariadbReader((edge, offset, tokens) => {
      if (edge === 'data') {
        this.#isDropping = !this.#isWanted(tokens);
        this.#isData = true;
      }
      const text = edge === 'statement' ? this.#replaced(tokens) : undefined;
      if (edge === 'statement') this.#isDropping = !this.#isWanted(tokens);
      this.#pass(offset, text);
      if (edge === 'end') this.#isData = false;
    });
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    try {
      this.#chunk = chunk;
      this.#from = 0;
      this.#reader.read(chunk);
      const rest = chunk.subarray(this.#from);
      if (this.#isData) {
        if (!this.#isDropping) this.push(rest);
      } else if (rest.length > 0) {
        this.#held.push(rest);
        this.#heldBytes += rest.length;
        if (this.#heldBytes > mostHeld) throw new Error('a statement of the dump is too long');
      }
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    // Comments behind the last statement.
    for (const piece of this.#held) this.push(piece);
    done();
  }

  #pass(offset: number, text: string | undefined): void {
    const pieces = [...this.#held, this.#chunk.subarray(this.#from, offset)];
    this.#held = [];
    this.#heldBytes = 0;
    this.#from = offset;
    if (this.#isDropping) return;
    if (text !== undefined) this.push(Buffer.from(text));
    else for (const piece of pieces) if (piece.length > 0) this.push(piece);
  }

  /** The one statement that names the database: its own character set, around routines that were made under another. */
  #replaced(tokens: readonly Token[]): string | undefined {
    if (wordAt(tokens, 0) !== 'ALTER' || wordAt(tokens, 1) !== 'DATABASE') return undefined;
    const [charset, collation] = [wordAt(tokens, 5), wordAt(tokens, 7)].map((word) => word.toLowerCase());
    if (!/^[a-z0-9_]+$/.test(charset ?? '') || !/^[a-z0-9_]+$/.test(collation ?? '')) throw refused(tokens);
    return `\nALTER DATABASE ${quoted('mariadb', this.#database)} CHARACTER SET ${charset} COLLATE ${collation} ;\n`;
  }

  #isWanted(tokens: readonly Token[]): boolean {
    const kind = kindOf(tokens);
    if (kind === undefined) throw refused(tokens);
    if (kind === 'session' || this.#pieces === 'all') return true;
    if (kind === 'event') return this.#pieces === 'code';
    if (this.#pieces === 'no_events') return true;
    return (kind === 'table') === (this.#pieces === 'tables');
  }
}

/** Definitions are kept whole until it is known what they are. */
const mostHeld = 64 * 1024 * 1024;

function refused(tokens: readonly Token[]): Error {
  const words = tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text);
  return new Error(`a statement that no dump has: ${words.slice(0, 3).join(' ')}`);
}

/** undefined: nothing that the tools write. */
function kindOf(tokens: readonly Token[]): 'session' | 'table' | 'event' | 'code' | undefined {
  const first = wordAt(tokens, 0);
  const second = wordAt(tokens, 1);
  // `\- enable the sandbox mode` is a command of the client, before the first statement.
  if (tokens.length === 0 || tokens[0]?.text === '\\') return 'session';
  if (['SET', 'DELIMITER', 'COMMIT', 'START', 'DO', 'UNLOCK', 'LOCK'].includes(first))
    return ['DO', 'UNLOCK', 'LOCK'].includes(first) ? 'table' : 'session';
  if (first === 'INSERT' || first === 'REPLACE') return hasOwnName(tokens) ? 'table' : undefined;
  if (first === 'ALTER') return second === 'DATABASE' ? 'code' : second === 'TABLE' ? 'table' : undefined;
  if (first === 'DROP') return kindOfThing(second);
  if (first !== 'CREATE') return undefined;
  return kindOfThing(second === 'VIEW' ? 'VIEW' : (whatIsMade(tokens)?.type ?? ''));
}

function kindOfThing(type: string): 'table' | 'event' | 'code' | undefined {
  if (type === 'TABLE' || type === 'SEQUENCE') return 'table';
  if (type === 'EVENT') return 'event';
  return ['VIEW', 'TRIGGER', 'PROCEDURE', 'FUNCTION', 'PACKAGE'].includes(type) ? 'code' : undefined;
}

/** INSERT INTO `table`, without a database before it. */
function hasOwnName(tokens: readonly Token[]): boolean {
  const at = tokens.findIndex(({ kind }) => kind === 'name');
  return at !== -1 && tokens[at + 1]?.text !== '.';
}
