import { Transform, type TransformCallback } from 'node:stream';
import { quoted } from './client.ts';
import { mostTokens, PostgresReader } from './postgres-reader.ts';
import { wordAt, type Token } from './scanner-facts.ts';

/** Who loads, and what stands in the database before the dump comes. */
export type LoadedBy = {
  /** Owner of the database: everything in the dump is made by this role. */
  readonly owner: string;
  readonly superusers: ReadonlySet<string>;
  /** Schemas that were made for extensions. */
  readonly schemas: ReadonlySet<string>;
};

/**
 * Takes out of a dump what its database's owner may not say, and keeps what is said afterwards by others: rights, and
 * owners other than the owner of the database. What it lets pass is run with the owner's rights only, so that nothing of
 * safety hangs on how it was read; what it keeps of owners is put together again from words and quoted names.
 */
export class PostgresFilter extends Transform {
  /** GRANT, REVOKE and the like, as they came; said with the rights of the database's owner. */
  readonly rights: Buffer[] = [];
  /** ALTER … OWNER TO, by the new owner. */
  readonly owners = new Map<string, string[]>();
  /** Statements that only the superuser could say: an owner that is one, rights that somebody else gave. */
  left = 0;

  readonly #by: LoadedBy;
  readonly #reader: PostgresReader;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #keptBytes = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #from = 0;
  #isData = false;
  #isSomebodyElse = false;

  constructor(by: LoadedBy) {
    super({ highWaterMark: 256 * 1024 });
    this.#by = by;
    this.#reader = new PostgresReader((edge, offset, tokens) => {
      const pieces = [...this.#held, this.#chunk.subarray(this.#from, offset)];
      this.#held = [];
      this.#heldBytes = 0;
      this.#from = offset;
      if (edge === 'meta') return mustBeKnown(pieces);
      if (edge === 'statement' && !this.#isForOwner(tokens, pieces)) return;
      this.#isData = edge === 'data';
      for (const piece of pieces) if (piece.length > 0) this.push(piece);
    });
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    try {
      this.#chunk = chunk;
      this.#from = 0;
      this.#reader.read(chunk);
      const rest = chunk.subarray(this.#from);
      if (this.#isData) this.push(rest);
      else if (rest.length > 0) this.#hold(rest);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Behind the last statement are comments only. */
  override _flush(done: TransformCallback): void {
    done(this.#reader.isComplete ? null : new Error('the dump is not whole'));
  }

  #hold(piece: Buffer): void {
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes > mostHeld) throw new Error('a statement of the dump is too long');
  }

  #isForOwner(tokens: readonly Token[], pieces: readonly Buffer[]): boolean {
    // Between statements of ours the client would take it for a command of its own.
    if (tokens.some(({ kind, text }) => kind === 'sign' && text === '\\')) throw new Error('a command of the client');
    const [first, second, third] = [0, 1, 2].map((at) => wordAt(tokens, at));
    if (second === 'SESSION' && third === 'AUTHORIZATION') {
      this.#isSomebodyElse = first === 'SET';
      return false;
    }
    if (this.#isSomebodyElse) {
      this.left += 1;
      return false;
    }
    // It decides where texts end, here and in the client.
    if (first === 'SET' && second === 'STANDARD_CONFORMING_STRINGS' && wordAt(tokens, 3) !== 'ON')
      throw new Error('texts in the old way of writing');
    if (first === 'CREATE' && second === 'EXTENSION') return false;
    if (first === 'COMMENT' && third === 'EXTENSION') return false;
    if (first === 'CREATE' && second === 'SCHEMA' && this.#by.schemas.has(tokens[2]?.text ?? '')) return false;
    const isRight = first === 'GRANT' || first === 'REVOKE' || (first === 'ALTER' && second === 'DEFAULT');
    if (isRight || (first === 'COMMENT' && ['SCHEMA', 'DATABASE'].includes(third ?? ''))) {
      this.#keep(pieces.reduce((sum, { length }) => sum + length, 0));
      this.rights.push(...pieces.map((each) => Buffer.from(each)));
      return false;
    }
    const role = newOwner(tokens);
    return role === undefined || this.#isOwner(role, tokens);
  }

  #isOwner(role: string, tokens: readonly Token[]): boolean {
    if (role === this.#by.owner) return true;
    const statement = this.#by.superusers.has(role) ? undefined : again(tokens);
    if (statement === undefined) {
      this.left += 1;
      return false;
    }
    this.#keep(statement.length);
    const known = this.owners.get(role);
    if (known === undefined) this.owners.set(role, [statement]);
    else known.push(statement);
    return false;
  }

  #keep(bytes: number): void {
    this.#keptBytes += bytes;
    if (this.#keptBytes > mostHeld) throw new Error('the rights in the dump are too many');
  }
}

/** Definitions are kept whole until it is known what they are. Large objects come in pieces far below this. */
const mostHeld = 64 * 1024 * 1024;

/** The client's own protection, which newer tools write around a dump; ours has nothing that it would protect. */
function mustBeKnown(pieces: readonly Buffer[]): void {
  const line = Buffer.concat(pieces).toString('latin1').trimEnd().split('\n').at(-1) ?? '';
  if (!/^\\(un)?restrict [A-Za-z0-9]+$/.test(line)) throw new Error('a command of the client');
}

function newOwner(tokens: readonly Token[]): string | undefined {
  if (wordAt(tokens, 0) !== 'ALTER' || tokens.length < 5) return undefined;
  const role = tokens.at(-1);
  const isOwner = wordAt(tokens, tokens.length - 3) === 'OWNER' && wordAt(tokens, tokens.length - 2) === 'TO';
  return isOwner && role?.kind === 'name' ? role.text : undefined;
}

/** Things that can be handed over by a name made of words, quoted names and these signs. Operators have others. */
const handedOver = new Set([
  'AGGREGATE',
  'COLLATION',
  'CONVERSION',
  'DOMAIN',
  'FUNCTION',
  'LARGE',
  'MATERIALIZED',
  'PROCEDURE',
  'SCHEMA',
  'SEQUENCE',
  'STATISTICS',
  'TABLE',
  'TEXT',
  'TYPE',
  'VIEW',
]);

function again(tokens: readonly Token[]): string | undefined {
  if (!handedOver.has(wordAt(tokens, 1)) || tokens.length >= mostTokens) return undefined;
  const parts = tokens.map(({ kind, text }) => {
    if (kind === 'name') return quoted('postgresql', text);
    const isPlain = kind === 'word' ? /^[A-Z0-9_]+$/.test(text) : '.,()[]*'.includes(text);
    return isPlain ? text : undefined;
  });
  return parts.includes(undefined) ? undefined : `${parts.join(' ')};`;
}
