import { importFault } from './import-faults.ts';

/*
 * Divides the text of a dump into statements, by the rules by which the server's own client does it: quotes, comments,
 * DELIMITER lines, dollar quotes and bodies of functions. What is divided wrongly by a hostile text is refused by the
 * server, which reads each statement anew: nothing is decided here.
 */

export type Dialect = 'mariadb' | 'postgresql';

export type Statement = {
  /** Without its delimiter. */
  readonly sql: Buffer;
  /** Where `sql` says something for the first time, behind comments and space. */
  readonly from: number;
  /** Of that place, from 1. */
  readonly line: number;
};

type Lexis = 'code' | 'single' | 'escaped' | 'double' | 'backtick' | 'line' | 'block' | 'dollar' | 'delimiter' | 'meta';

const [lineEnd, space, doubleQuote, hash, dollar, quote] = [10, 32, 34, 35, 36, 39];
const [open, close, star, dash, slash, semicolon] = [40, 41, 42, 45, 47, 59];
const [bang, letterE, letterM, backslash, backtick] = [33, 69, 77, 92, 96];

/** Bytes that may begin something else than themselves, where code is. */
const special = new Uint8Array(256);
for (const byte of [doubleQuote, hash, dollar, quote, open, close, dash, slash, star, semicolon, backslash, backtick])
  special[byte] = 1;
const wordPart = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1)
  if (/[0-9A-Za-z_]/.test(String.fromCharCode(byte)) || byte >= 128) wordPart[byte] = 1;

/** As far as is looked ahead for one sign. */
const lookAhead = 128;
const endOfRows = Buffer.from('\n\\.');

export class StatementReader {
  readonly #dialect: Dialect;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #mostBytes: number;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #start = 0;
  #isLast = false;
  #parts: Buffer[] = [];
  #heldBytes = 0;
  #line = 1;
  #lexis: Lexis = 'code';
  #isBlank = true;
  #isVersion = false;
  #blockDepth = 0;
  #tag = Buffer.alloc(0);
  #delimiter = Buffer.from(';');
  #parens = 0;
  #words: string[] = [];
  #bodyDepth = 0;
  #connects = 0;

  /** `mostBytes`: a longer statement is refused (`database_import_long`). */
  constructor(dialect: Dialect, chunks: AsyncIterable<Buffer>, mostBytes: number) {
    this.#dialect = dialect;
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#mostBytes = mostBytes;
  }

  /** Line of what is read next, from 1. */
  get line(): number {
    return this.#line;
  }

  /** undefined: that was the last one. Throws when the text ends inside of something. */
  async next(): Promise<Statement | undefined> {
    for (;;) {
      const length = this.#scan();
      if (length !== undefined) {
        const statement = this.#cut(length);
        if (statement !== undefined) return statement;
        continue;
      }
      if (await this.#fill()) continue;
      if (this.#lexis !== 'code' && this.#lexis !== 'line') throw importFault.cutShort(this.#firstLine());
      this.#at = this.#chunk.length;
      return this.#cut(0);
    }
  }

  /** What stands between a COPY and its last line. Throws when there is no such line. */
  async *rows(): AsyncGenerator<Buffer> {
    const first = this.#line;
    while (!this.#skipLine()) if (!(await this.#fill())) throw importFault.cutShort(first);
    for (let isLineStart = true; ; ) {
      if (isLineStart && this.#chunk.length - this.#at < 4 && (await this.#fill())) continue;
      if (isLineStart && this.#skipRowsEnd()) return;
      const end = this.#chunk.indexOf(endOfRows, this.#at);
      // The beginning of the last line may be at the end of this piece.
      const to = end === -1 ? this.#chunk.length - (this.#isLast ? 0 : endOfRows.length - 1) : end + 1;
      if (to > this.#at) {
        const piece = this.#chunk.subarray(this.#at, to);
        this.#line += countLines(piece);
        this.#at = to;
        this.#start = to;
        isLineStart = piece.at(-1) === lineEnd;
        yield piece;
      }
      if (end === -1 && !(await this.#fill())) throw importFault.cutShort(first);
    }
  }

  #skipLine(): boolean {
    const end = this.#chunk.indexOf(lineEnd, this.#at);
    this.#at = end === -1 ? this.#chunk.length : end + 1;
    this.#start = this.#at;
    if (end !== -1) this.#line += 1;
    return end !== -1;
  }

  #skipRowsEnd(): boolean {
    const found = /^\\\.\r?(?:\n|$)/.exec(this.#chunk.toString('latin1', this.#at, this.#at + 4));
    const isEnd = found !== null && (found[0].endsWith('\n') || this.#isLast);
    if (!isEnd) return false;
    this.#at += found[0].length;
    this.#start = this.#at;
    this.#line += 1;
    return true;
  }

  /** False at the end. What was passed already belongs to the statement; what was not is looked at again. */
  async #fill(): Promise<boolean> {
    if (this.#isLast) return false;
    const passed = this.#chunk.subarray(this.#start, this.#at);
    if (passed.length > 0) {
      this.#parts.push(passed);
      this.#heldBytes += passed.length;
      if (this.#heldBytes > this.#mostBytes) throw importFault.tooLong(this.#firstLine(), this.#mostBytes);
    }
    const rest = this.#chunk.subarray(this.#at);
    const { value, done } = await this.#chunks.next();
    this.#at = 0;
    this.#start = 0;
    if (done === true) {
      this.#isLast = true;
      this.#chunk = rest;
      // What waited for more can be decided now.
      return rest.length > 0;
    }
    this.#chunk = rest.length === 0 ? value : Buffer.concat([rest, value]);
    return true;
  }

  /** undefined: nothing but space and comments. */
  #cut(delimiterLength: number): Statement | undefined {
    const last = this.#chunk.subarray(this.#start, this.#at - delimiterLength);
    const sql = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    const before = this.#line;
    this.#line += countLines(sql) + countLines(this.#chunk.subarray(this.#at - delimiterLength, this.#at));
    this.#begin();
    const from = codeStart(this.#dialect, sql);
    if (from === sql.length) return undefined;
    const line = before + countLines(sql.subarray(0, from));
    if (sql.length > this.#mostBytes) throw importFault.tooLong(line, this.#mostBytes);
    return { sql, from, line };
  }

  /** Of the statement that is not over. */
  #firstLine(): number {
    const parts = [...this.#parts, this.#chunk.subarray(this.#start)];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const held = Buffer.concat(parts, Math.min(length, 1024 * 1024));
    return this.#line + countLines(held.subarray(0, codeStart(this.#dialect, held)));
  }

  #begin(): void {
    this.#start = this.#at;
    this.#parts = [];
    this.#heldBytes = 0;
    this.#lexis = 'code';
    this.#isBlank = true;
    this.#isVersion = false;
    this.#parens = 0;
    this.#bodyDepth = 0;
    this.#words = [];
  }

  /** Goes on to the end of a statement and answers the length of its delimiter; undefined: more is needed. */
  #scan(): number | undefined {
    while (this.#at < this.#chunk.length) {
      const before = this.#at;
      const lexis = this.#lexis;
      const ended = lexis === 'code' ? this.#scanCode() : this.#scanInside(lexis);
      if (ended !== undefined) return ended;
      // It waits for more of the text.
      if (this.#at === before && this.#lexis === lexis) return undefined;
    }
    return undefined;
  }

  #scanInside(lexis: Exclude<Lexis, 'code'>): number | undefined {
    if (lexis === 'single') this.#toQuote(quote, this.#dialect === 'mariadb');
    else if (lexis === 'escaped') this.#toQuote(quote, true);
    else if (lexis === 'double') this.#toQuote(doubleQuote, this.#dialect === 'mariadb');
    else if (lexis === 'backtick') this.#toQuote(backtick, false);
    else if (lexis === 'block') this.#toBlockEnd();
    else if (lexis === 'dollar') this.#toTag();
    else return this.#toLineEnd(lexis);
    return undefined;
  }

  #toQuote(sign: number, hasEscapes: boolean): void {
    const chunk = this.#chunk;
    const length = chunk.length;
    let at = this.#at;
    if (!hasEscapes) {
      const end = chunk.indexOf(sign, at);
      this.#at = end === -1 ? length : end + 1;
      if (end !== -1) this.#lexis = 'code';
      return;
    }
    for (; at < length; at += 1) {
      const byte = chunk[at];
      if (byte === sign) {
        this.#at = at + 1;
        this.#lexis = 'code';
        return;
      }
      if (byte !== backslash) continue;
      if (at + 1 === length && !this.#isLast) break;
      at += 1;
    }
    this.#at = Math.min(at, length);
  }

  #toBlockEnd(): void {
    const chunk = this.#chunk;
    for (let at = this.#at; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte !== star && byte !== slash) continue;
      if (at + 1 === chunk.length && !this.#isLast) return void (this.#at = at);
      const next = chunk[at + 1];
      if (byte === star && next === slash) {
        this.#blockDepth -= 1;
        at += 1;
        if (this.#blockDepth > 0) continue;
        this.#at = at + 1;
        this.#lexis = 'code';
        return;
      }
      // Only PostgreSQL takes comments in comments.
      if (byte === slash && next === star && this.#dialect === 'postgresql') {
        this.#blockDepth += 1;
        at += 1;
      }
    }
    this.#at = chunk.length;
  }

  #toTag(): void {
    const end = this.#chunk.indexOf(this.#tag, this.#at);
    if (end === -1) {
      const keep = this.#isLast ? 0 : this.#tag.length - 1;
      this.#at = Math.max(this.#at, this.#chunk.length - keep);
      return;
    }
    this.#at = end + this.#tag.length;
    this.#lexis = 'code';
  }

  /** Comments to the end of the line, and lines that are for the client. */
  #toLineEnd(lexis: 'line' | 'delimiter' | 'meta'): number | undefined {
    const end = this.#chunk.indexOf(lineEnd, this.#at);
    if (lexis === 'line') {
      this.#at = end === -1 ? this.#chunk.length : end;
      if (end !== -1) this.#lexis = 'code';
      return undefined;
    }
    if (end === -1 && !this.#isLast) {
      if (this.#chunk.length - this.#at > 4096) throw importFault.clientCommand(this.#line, lexis);
      return undefined;
    }
    const to = end === -1 ? this.#chunk.length : end;
    const said = this.#chunk.toString('utf8', this.#at, to).trim();
    if (lexis === 'delimiter') this.#delimiter = Buffer.from(/^\S+/.exec(said)?.[0] ?? ';');
    else this.#checkMeta(said);
    // Nothing of it goes to the server.
    this.#line += countLines(Buffer.concat([...this.#parts, this.#chunk.subarray(this.#start, to)]));
    this.#at = to;
    this.#begin();
    return undefined;
  }

  /** What pg_dump writes around its statements means nothing here; anything else would have been done by a client. */
  #checkMeta(said: string): void {
    const line = this.#line + this.#parts.reduce((sum, part) => sum + countLines(part), 0);
    if (/^\\(un)?restrict\s+[A-Za-z0-9]+$/.test(said) || said === '\\.') return;
    // A dump of one database may begin with the database itself; everything goes into the chosen one.
    if (/^\\c(onnect)?\s+\S/.test(said) && ++this.#connects === 1) return;
    const name = /^\\\S*/.exec(said)?.[0].slice(0, 30) ?? '\\';
    throw importFault.clientCommand(line + countLines(this.#chunk.subarray(this.#start, this.#at)), name);
  }

  #scanCode(): number | undefined {
    const chunk = this.#chunk;
    const length = chunk.length;
    const isMariadb = this.#dialect === 'mariadb';
    for (let at = this.#at; at < length; ) {
      const byte = chunk[at] ?? 0;
      if (this.#isDelimiter(byte, at)) {
        if (at + this.#delimiter.length > length && !this.#isLast) return this.#wait(at);
        // Nothing to do: it goes with what is before the next statement.
        if (this.#isBlank && byte === semicolon && this.#delimiter.length === 1) {
          at += 1;
          continue;
        }
        if (chunk.subarray(at, at + this.#delimiter.length).equals(this.#delimiter)) {
          this.#at = at + this.#delimiter.length;
          return this.#delimiter.length;
        }
      }
      if (byte <= space) {
        at += 1;
        continue;
      }
      if (wordPart[byte] === 1) {
        let end = at + 1;
        while (end < length && (wordPart[chunk[end] ?? 0] === 1 || chunk[end] === dollar)) end += 1;
        if (end === length && end - at < lookAhead && !this.#isLast) return this.#wait(at);
        const goesOn = this.#takeWord(at, end);
        this.#isBlank = false;
        if (!goesOn) return undefined;
        at = end;
        continue;
      }
      if (special[byte] === 0) {
        this.#isBlank = false;
        at += 1;
        continue;
      }
      // One sign more may make it something else.
      if (at + 4 > length && !this.#isLast) return this.#wait(at);
      const next = chunk[at + 1] ?? 0;
      if (byte === quote) return this.#into('single', at + 1);
      if (byte === doubleQuote) return this.#into('double', at + 1);
      if (byte === backtick && isMariadb) return this.#into('backtick', at + 1);
      if (byte === hash && isMariadb) return this.#comment('line', at + 1);
      if (byte === dash && next === dash && (!isMariadb || (chunk[at + 2] ?? 0) <= space))
        return this.#comment('line', at + 2);
      if (byte === slash && next === star) {
        const isOpening = chunk[at + 2] === bang || (chunk[at + 2] === letterM && chunk[at + 3] === bang);
        if (!isMariadb || !isOpening) {
          this.#blockDepth = 1;
          return this.#comment('block', at + 2);
        }
        // Statements for some versions: code that ends with the comment.
        this.#isVersion = true;
        this.#isBlank = false;
        at += 3;
        continue;
      }
      if (byte === star && next === slash && this.#isVersion) {
        this.#isVersion = false;
        at += 2;
        continue;
      }
      if (!isMariadb) {
        if (byte === open) this.#parens += 1;
        else if (byte === close) this.#parens -= 1;
        else if (byte === backslash && this.#isBlank) return this.#comment('meta', at);
        else if (byte === dollar) {
          if (at + lookAhead > length && !this.#isLast) return this.#wait(at);
          const tag = /^\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$/.exec(chunk.toString('latin1', at, at + lookAhead));
          if (tag !== null) {
            this.#tag = Buffer.from(tag[0], 'latin1');
            return this.#into('dollar', at + tag[0].length);
          }
        }
      }
      this.#isBlank = false;
      at += 1;
    }
    this.#at = length;
    return undefined;
  }

  #isDelimiter(byte: number, at: number): boolean {
    if (byte !== this.#delimiter[0] || this.#isVersion) return false;
    return this.#dialect === 'mariadb' || (this.#parens <= 0 && this.#bodyDepth === 0 && at >= 0);
  }

  #wait(at: number): undefined {
    this.#at = at;
  }

  #into(lexis: Lexis, at: number): undefined {
    this.#isBlank = false;
    this.#lexis = lexis;
    this.#at = at;
  }

  #comment(lexis: Lexis, at: number): undefined {
    this.#lexis = lexis;
    this.#at = at;
  }

  /** False: something else than code begins behind it. */
  #takeWord(from: number, to: number): boolean {
    const chunk = this.#chunk;
    if (this.#dialect === 'mariadb') {
      const isDelimiter =
        this.#isBlank && to - from === 9 && chunk.toString('latin1', from, to).toLowerCase() === 'delimiter';
      if (isDelimiter) this.#comment('delimiter', to);
      return !isDelimiter;
    }
    if (to - from === 1 && ((chunk[from] ?? 0) & 0xdf) === letterE && chunk[to] === quote) {
      this.#into('escaped', to + 1);
      return false;
    }
    if (this.#words.length < 4 || this.#bodyDepth > 0 || isRoutine(this.#words))
      this.#takeKeyword(chunk.toString('latin1', from, Math.min(to, from + 16)).toLowerCase());
    return true;
  }

  /** As psql counts them: a body in SQL's own words holds semicolons between BEGIN and END. */
  #takeKeyword(word: string): void {
    if (this.#words.length < 4) this.#words.push(word);
    if (!isRoutine(this.#words) || this.#parens !== 0) return;
    if (word === 'begin') this.#bodyDepth += 1;
    else if (word === 'case' && this.#bodyDepth > 0) this.#bodyDepth += 1;
    else if (word === 'end' && this.#bodyDepth > 0) this.#bodyDepth -= 1;
  }
}

function isRoutine([first, second, third, fourth]: readonly string[]): boolean {
  if (first !== 'create') return false;
  const made = second === 'or' && third === 'replace' ? fourth : second;
  return made === 'function' || made === 'procedure';
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lineEnd); at !== -1; at = bytes.indexOf(lineEnd, at + 1)) count += 1;
  return count;
}

/** Behind space, comments and statements of nothing; versioned comments of MariaDB are statements. */
function codeStart(dialect: Dialect, sql: Buffer): number {
  let at = 0;
  while (at < sql.length) {
    const byte = sql[at] ?? 0;
    if (byte <= space || byte === semicolon) {
      at += 1;
      continue;
    }
    const isLine = (byte === dash && sql[at + 1] === dash) || (byte === hash && dialect === 'mariadb');
    if (isLine) {
      const end = sql.indexOf(lineEnd, at);
      if (end === -1) return sql.length;
      at = end + 1;
      continue;
    }
    const isBlock = byte === slash && sql[at + 1] === star;
    const isVersion =
      dialect === 'mariadb' && (sql[at + 2] === bang || (sql[at + 2] === letterM && sql[at + 3] === bang));
    if (!isBlock || isVersion) return at;
    const end = blockEnd(dialect, sql, at);
    if (end === -1) return sql.length;
    at = end;
  }
  return sql.length;
}

/** Behind the comment that begins there; -1: it does not end. */
function blockEnd(dialect: Dialect, sql: Buffer, from: number): number {
  let depth = 1;
  let at = from + 2;
  while (depth > 0) {
    const end = sql.indexOf('*/', at);
    if (end === -1) return -1;
    const inner = dialect === 'postgresql' ? sql.subarray(0, end).indexOf('/*', at) : -1;
    depth += inner === -1 ? -1 : 1;
    at = (inner === -1 ? end : inner) + 2;
  }
  return at;
}
