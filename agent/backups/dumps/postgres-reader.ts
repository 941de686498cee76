import { maxTokenBytes, TableSums, wordAt, type DumpContent, type DumpReader, type Token } from './scanner-facts.ts';

/*
 * Reads what pg_dump writes in plain format, by the rules by which psql reads it back. Between statements it looks at
 * every byte: names, function bodies and comments may hold line ends and anything that looks like SQL. The data of a
 * table stands between `COPY … FROM stdin;` and a line `\.`; there a line end is always the end of a row.
 */

type Lexis = 'code' | 'single' | 'name' | 'line' | 'comment' | 'tag' | 'dollar' | 'meta';

const [lineEnd, space, doubleQuote, dollar, quote, star] = [10, 32, 34, 36, 39, 42];
const [dash, dot, slash, semicolon, letterE, backslash] = [45, 46, 47, 59, 69, 92];

/** What the bytes up to here were. `data` begins behind the line of COPY; `end` is behind the line that ends it. */
export type PostgresEdge = 'statement' | 'meta' | 'data' | 'end';
export type OnPostgresEdge = (edge: PostgresEdge, offset: number, tokens: readonly Token[]) => void;

/** Whole statements about rights are put together again from their tokens; of others the first ones would do. */
export const mostTokens = 400;

/** Large objects count as one table. */
const largeObjects = 'pg_catalog.pg_largeobject';

export class PostgresReader implements DumpReader {
  readonly #onEdge: OnPostgresEdge | undefined;
  #edge: 'statement' | 'meta' | undefined;
  #said: readonly Token[] = [];
  readonly #sums = new TableSums();
  readonly #counts = { routines: 0, triggers: 0, views: 0, events: 0 };
  #mode: 'sql' | 'copyLine' | 'copy' = 'sql';
  #lexis: Lexis = 'code';
  #tokens: Token[] = [];
  #lastWords: [string, string] = ['', ''];
  #text: number[] = [];
  #isWord = false;
  #last = 0;
  #hasEscapes = false;
  #isEscaped = false;
  #depth = 0;
  #tag = '';
  #matched = 0;
  #table: ReturnType<TableSums['at']> | undefined;
  #isObject = false;
  /** Of the row that is not over yet: its length up to 3, and its first two bytes. */
  #rowLength = 0;
  #rowStart: [number, number] = [0, 0];
  #isComplete = false;

  /** `onEdge`: told where statements and data end, with what was said. */
  constructor(onEdge?: OnPostgresEdge) {
    this.#onEdge = onEdge;
  }

  get isComplete(): boolean {
    return this.#isComplete && this.#mode === 'sql' && this.#tokens.length === 0;
  }

  content(): DumpContent {
    return { tables: this.#sums.list(), counts: { ...this.#counts } };
  }

  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#mode === 'copy' ? this.#readCopy(chunk, at) : this.#readSql(chunk, at);
  }

  #readCopy(chunk: Buffer, from: number): number {
    let start = from;
    let rows = 0;
    for (;;) {
      const end = chunk.indexOf(lineEnd, start);
      if (end === -1) break;
      const isFirst = start === from && this.#rowLength > 0;
      if (isFirst) this.#addToRow(chunk, start, end);
      const isEnd = isFirst
        ? this.#rowLength === 2 && this.#rowStart[0] === backslash && this.#rowStart[1] === dot
        : end - start === 2 && chunk[start] === backslash && chunk[start + 1] === dot;
      this.#rowLength = 0;
      start = end + 1;
      if (isEnd) return this.#endCopy(chunk, from, start, rows);
      rows += 1;
    }
    this.#addToRow(chunk, start, chunk.length);
    this.#addData(chunk, from, chunk.length, rows);
    return chunk.length;
  }

  #addToRow(chunk: Buffer, from: number, to: number): void {
    for (let at = from; at < to && this.#rowLength < 3; at += 1) {
      if (this.#rowLength < 2) this.#rowStart[this.#rowLength] = chunk[at] ?? 0;
      this.#rowLength += 1;
    }
  }

  #addData(chunk: Buffer, from: number, to: number, rows: number): void {
    if (this.#table === undefined) return;
    this.#table.hash.update(chunk.subarray(from, to));
    this.#table.rows += rows;
  }

  #endCopy(chunk: Buffer, from: number, to: number, rows: number): number {
    this.#addData(chunk, from, to, rows);
    this.#mode = 'sql';
    this.#last = lineEnd;
    this.#onEdge?.('end', to, []);
    return to;
  }

  #readSql(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#mode === 'copyLine') {
        if (byte !== lineEnd) continue;
        this.#mode = 'copy';
        this.#rowLength = 0;
        this.#onEdge?.('data', at + 1, this.#said);
        return at + 1;
      }
      if (this.#lexis === 'single' && !this.#hasEscapes) {
        at = this.#readText(chunk, at);
        continue;
      }
      this.#take(byte);
      this.#last = byte;
      if (this.#edge === undefined) continue;
      this.#onEdge?.(this.#edge, at + 1, this.#edge === 'meta' ? [] : this.#said);
      this.#edge = undefined;
    }
    return chunk.length;
  }

  /** A text goes on to the next quote: large objects come as long ones. Answers where the last byte of it is. */
  #readText(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(quote, from);
    const to = end === -1 ? chunk.length : end;
    if (this.#isObject) this.#sums.at(largeObjects).hash.update(chunk.subarray(from, to));
    if (end !== -1) this.#lexis = 'code';
    this.#last = end === -1 ? 0 : quote;
    return end === -1 ? chunk.length : end;
  }

  #take(byte: number): void {
    switch (this.#lexis) {
      case 'code':
        return this.#takeCode(byte);
      case 'single':
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === backslash) this.#isEscaped = true;
        else if (byte === quote) this.#lexis = 'code';
        return;
      case 'name':
        if (byte !== doubleQuote) return this.#keep(byte);
        this.#push({ kind: 'name', text: Buffer.from(this.#text).toString('utf8') });
        this.#text = [];
        this.#lexis = 'code';
        return;
      case 'line':
        if (byte !== lineEnd) return this.#keep(byte);
        if (Buffer.from(this.#text).toString('latin1').trim() === 'PostgreSQL database dump complete')
          this.#isComplete = this.#tokens.length === 0;
        this.#text = [];
        this.#lexis = 'code';
        return;
      case 'comment':
        if (byte === slash && this.#last === star) this.#depth -= 1;
        else if (byte === star && this.#last === slash) this.#depth += 1;
        if (this.#depth === 0) this.#lexis = 'code';
        return;
      case 'tag':
        return this.#takeTag(byte);
      case 'dollar':
        if (byte === this.#tag.charCodeAt(this.#matched)) this.#matched += 1;
        else this.#matched = byte === dollar ? 1 : 0;
        if (this.#matched === this.#tag.length) this.#lexis = 'code';
        return;
      case 'meta':
        if (byte !== lineEnd) return;
        this.#lexis = 'code';
        this.#edge = 'meta';
    }
  }

  #takeCode(byte: number): void {
    const isWordByte = isWordPart(byte) || (byte === dollar && this.#isWord);
    if (this.#isWord && !isWordByte) this.#endWord();
    if (isWordByte) {
      this.#isWord = true;
      return this.#keep(byte);
    }
    if (byte === semicolon) return this.#endStatement();
    if (byte === quote) return this.#openText();
    if (byte === doubleQuote) return this.#openName();
    if (byte === dollar) {
      this.#lexis = 'tag';
      this.#tag = '$';
    } else if (byte === backslash && this.#tokens.length === 0) this.#lexis = 'meta';
    else if (byte === dash && this.#last === dash) this.#lexis = 'line';
    else if (byte === star && this.#last === slash) {
      this.#lexis = 'comment';
      this.#depth = 1;
    } else if (byte > space && byte !== dash && byte !== slash && byte !== star)
      this.#push({ kind: 'sign', text: String.fromCharCode(byte) });
  }

  #openText(): void {
    this.#lexis = 'single';
    this.#isEscaped = false;
    // Doubled: the text goes on.
    if (this.#last === quote) return;
    // Only E'…' knows backslashes.
    this.#hasEscapes = this.#lastWords[1] === 'E' && (this.#last === letterE || this.#last === letterE + 32);
    this.#push({ kind: 'sign', text: "'" });
    const isCall = wordAt(this.#tokens, 0) === 'SELECT' && wordAt(this.#tokens, 1) === 'PG_CATALOG';
    this.#isObject = isCall && ['LOWRITE', 'LO_OPEN'].includes(wordAt(this.#tokens, 3));
  }

  /** Quotes inside a name are doubled: the second one opens the name again. */
  #openName(): void {
    this.#lexis = 'name';
    const before = this.#last === doubleQuote ? this.#tokens.at(-1) : undefined;
    if (before?.kind !== 'name') return;
    this.#tokens.pop();
    this.#text = [...Buffer.from(`${before.text}"`)];
  }

  #takeTag(byte: number): void {
    this.#tag += String.fromCharCode(byte);
    if (byte === dollar) {
      this.#lexis = 'dollar';
      this.#matched = 0;
      this.#push({ kind: 'sign', text: '$' });
      return;
    }
    if (isWordPart(byte) && this.#tag.length < maxTokenBytes) return;
    this.#lexis = 'code';
    this.#takeCode(byte);
  }

  #keep(byte: number): void {
    if (this.#text.length < maxTokenBytes) this.#text.push(byte);
  }

  #endWord(): void {
    const text = Buffer.from(this.#text).toString('utf8').toUpperCase();
    this.#text = [];
    this.#isWord = false;
    this.#lastWords = [this.#lastWords[1], text];
    this.#push({ kind: 'word', text });
  }

  #push(token: Token): void {
    this.#isComplete = false;
    if (this.#tokens.length < mostTokens) this.#tokens.push(token);
  }

  #endStatement(): void {
    const tokens = this.#tokens;
    const [before, last] = this.#lastWords;
    this.#tokens = [];
    this.#said = tokens;
    this.#lastWords = ['', ''];
    if (wordAt(tokens, 0) === 'COPY' && before === 'FROM' && last === 'STDIN') {
      this.#table = this.#sums.at(nameOf(tokens.slice(1)));
      this.#mode = 'copyLine';
      return;
    }
    this.#edge = 'statement';
    if (wordAt(tokens, 0) === 'SELECT' && wordAt(tokens, 3) === 'LOWRITE') this.#sums.at(largeObjects).rows += 1;
    if (wordAt(tokens, 0) === 'CREATE') this.#count(wordAt(tokens, 1), wordAt(tokens, 2));
  }

  #count(first: string, second: string): void {
    if (['FUNCTION', 'PROCEDURE', 'AGGREGATE'].includes(first)) this.#counts.routines += 1;
    else if (first === 'TRIGGER' || (first === 'CONSTRAINT' && second === 'TRIGGER')) this.#counts.triggers += 1;
    // CREATE OR REPLACE VIEW fills in a view that was made before, in circles of dependence.
    else if (first === 'VIEW' || first === 'RECURSIVE' || (first === 'MATERIALIZED' && second === 'VIEW'))
      this.#counts.views += 1;
    else if (first === 'EVENT' && second === 'TRIGGER') this.#counts.events += 1;
  }
}

function isWordPart(byte: number): boolean {
  return (
    (byte >= 97 && byte <= 122) ||
    (byte >= 65 && byte <= 90) ||
    (byte >= 48 && byte <= 57) ||
    byte === 95 ||
    byte >= 128
  );
}

/** `schema.table`, quoted where SQL needs it: the same whether or not the tool quoted every name. */
function nameOf(tokens: readonly Token[]): string {
  const parts: string[] = [];
  for (const [index, { kind, text }] of tokens.entries()) {
    if (index % 2 === 1) {
      if (text === '.') continue;
      break;
    }
    const name = kind === 'name' ? text : text.toLowerCase();
    parts.push(/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
  }
  return parts.join('.');
}
