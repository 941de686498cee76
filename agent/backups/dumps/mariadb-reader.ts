import type { RowSums } from './row-sums.ts';
import {
  maxTokenBytes,
  maxTokens,
  TableSums,
  wordAt,
  type DumpContent,
  type DumpReader,
  type Token,
} from './scanner-facts.ts';

/*
 * Reads what mariadb-dump and mysqldump write, by the rules by which their client reads it back. Between statements it
 * looks at every byte: names, routines and comments may hold line ends and anything that looks like SQL. Inside the data
 * of a table a line end is always the end of a row, because both tools escape those of values.
 */

type Lexis =
  | 'code'
  | 'single'
  | 'double'
  | 'name'
  | 'line'
  | 'comment'
  | 'opening'
  | 'openingM'
  | 'version'
  | 'delimiter';
type Mode = 'sql' | 'rows' | 'values';

/** What the bytes up to here were. `data` begins behind VALUES; `end` is the end of that data. */
export type MariadbEdge = 'statement' | 'data' | 'end';
export type OnEdge = (edge: MariadbEdge, offset: number, tokens: readonly Token[]) => void;

const [tab, lineEnd, space, doubleQuote, hash, quote] = [9, 10, 32, 34, 35, 39];
const [open, close, star, dash, slash, semicolon] = [40, 41, 42, 45, 47, 59];
const [bang, letterM, backslash, backtick] = [33, 77, 92, 96];

export class MariadbReader implements DumpReader {
  readonly #onEdge: OnEdge | undefined;
  readonly #sums = new TableSums();
  readonly #counts = { routines: 0, triggers: 0, views: 0, events: 0 };
  #mode: Mode = 'sql';
  #lexis: Lexis = 'code';
  #tokens: Token[] = [];
  #text: number[] = [];
  #isWord = false;
  #last = 0;
  #beforeLast = 0;
  #isEscaped = false;
  #delimiter = ';';
  #matched = 0;
  #depth = 0;
  #table: { rows: number; readonly hash: { update(bytes: Buffer): unknown } } | undefined;
  #isComplete = false;
  readonly #rowSums: RowSums | undefined;
  #tableName = '';
  #heldSign: Buffer | undefined;

  /** `rowSums`: for comparing rows whatever their order. */
  constructor(onEdge?: OnEdge, rowSums?: RowSums) {
    this.#onEdge = onEdge;
    this.#rowSums = rowSums;
  }

  get isComplete(): boolean {
    return this.#isComplete && this.#mode === 'sql' && this.#tokens.length === 0;
  }

  content(): DumpContent {
    return { tables: this.#sums.list(), counts: { ...this.#counts } };
  }

  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#mode === 'sql') at = this.#readSql(chunk, at);
      else if (this.#mode === 'rows') at = this.#readRows(chunk, at);
      else at = this.#readValues(chunk, at);
    }
  }

  /** One row per line, `,` or `;` at its end. */
  #readRows(chunk: Buffer, from: number): number {
    let at = from;
    let rows = 0;
    for (;;) {
      const end = chunk.indexOf(lineEnd, at);
      if (end === -1) break;
      rows += 1;
      const before = end === 0 ? this.#last : chunk[end - 1];
      at = end + 1;
      if (before === semicolon) return this.#endData(chunk, from, at, rows);
    }
    this.#addData(chunk, from, chunk.length, rows);
    return chunk.length;
  }

  /** All rows of a statement on one line: `(1,'a'),(2,'b');`. */
  #readValues(chunk: Buffer, from: number): number {
    let rows = 0;
    let isEscaped = this.#isEscaped;
    let isText = this.#lexis === 'single';
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) isText = false;
      } else if (byte === quote) isText = true;
      else if (byte === open) {
        if (this.#depth === 0) rows += 1;
        this.#depth += 1;
      } else if (byte === close) this.#depth -= 1;
      else if (byte === semicolon && this.#depth === 0) {
        this.#lexis = 'code';
        this.#isEscaped = false;
        return this.#endData(chunk, from, at + 1, rows);
      }
    }
    this.#isEscaped = isEscaped;
    this.#lexis = isText ? 'single' : 'code';
    this.#addData(chunk, from, chunk.length, rows);
    return chunk.length;
  }

  #addData(chunk: Buffer, from: number, to: number, rows: number): void {
    if (this.#rowSums?.wants(this.#tableName) === true) this.#sumRows(this.#rowSums, chunk, from, to);
    if (this.#table !== undefined) {
      this.#table.hash.update(chunk.subarray(from, to));
      this.#table.rows += rows;
    }
    this.#last = chunk[to - 1] ?? 0;
  }

  /** One line is one row, without the sign at its end; of rows that stand on one line the whole line is compared. */
  #sumRows(sums: RowSums, chunk: Buffer, from: number, to: number): void {
    const isLines = this.#mode === 'rows';
    let start = from;
    for (let at = from; at < to; at += 1) {
      const isEnd = isLines ? chunk[at] === lineEnd : at === to - 1 && chunk[at] === semicolon;
      if (!isEnd) continue;
      this.#sumPiece(sums, chunk.subarray(start, at));
      sums.endRow(this.#tableName);
      this.#heldSign = undefined;
      start = at + 1;
    }
    this.#sumPiece(sums, chunk.subarray(start, to));
  }

  /** Keeps the last byte back: at the end of a row it is the sign that may be another one. */
  #sumPiece(sums: RowSums, piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#heldSign !== undefined) sums.add(this.#heldSign);
    sums.add(piece.subarray(0, -1));
    this.#heldSign = Buffer.from(piece.subarray(-1));
  }

  #endData(chunk: Buffer, from: number, to: number, rows: number): number {
    this.#addData(chunk, from, to, rows);
    this.#mode = 'sql';
    this.#startStatement();
    this.#onEdge?.('end', to, []);
    return to;
  }

  #readSql(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      this.#take(byte, at + 1);
      this.#beforeLast = this.#last;
      this.#last = byte;
      if (this.#mode !== 'sql') return at + 1;
    }
    return chunk.length;
  }

  #take(byte: number, offset: number): void {
    switch (this.#lexis) {
      case 'code':
        return this.#takeCode(byte, offset);
      case 'single':
      case 'double':
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === backslash) this.#isEscaped = true;
        else if (byte === (this.#lexis === 'single' ? quote : doubleQuote)) this.#lexis = 'code';
        return;
      case 'name':
        return this.#takeName(byte);
      case 'line':
        if (byte !== lineEnd) return this.#keep(byte);
        // Without any statement behind it, this is how a whole dump ends.
        this.#isComplete = Buffer.from(this.#text).toString('latin1').startsWith('Dump completed');
        this.#text = [];
        this.#lexis = 'code';
        return;
      case 'delimiter':
        if (byte !== lineEnd) return this.#keep(byte);
        this.#delimiter = Buffer.from(this.#text).toString('latin1').trim() || ';';
        this.#text = [];
        this.#lexis = 'code';
        this.#startStatement();
        this.#onEdge?.('statement', offset, [{ kind: 'word', text: 'DELIMITER' }]);
        return;
      case 'comment':
        if (byte === slash && this.#last === star) this.#toCode();
        return;
      case 'opening':
        this.#lexis = byte === bang ? 'version' : byte === letterM ? 'openingM' : 'comment';
        return;
      case 'openingM':
        this.#lexis = byte === bang ? 'version' : 'comment';
        return;
      case 'version':
        if (byte >= 48 && byte <= 57) return;
        this.#toCode();
        this.#takeCode(byte, offset);
    }
  }

  /** What stood before a comment must not join with what stands behind it. */
  #toCode(): void {
    this.#lexis = 'code';
    this.#last = space;
    this.#beforeLast = space;
  }

  #takeCode(byte: number, offset: number): void {
    const isWordByte = isWordPart(byte);
    if (this.#isWord && !isWordByte) {
      if (this.#endWord(byte, offset)) return;
    }
    if (isWordByte) {
      this.#isWord = true;
      this.#matched = 0;
      return this.#keep(byte);
    }
    if (this.#endsStatement(byte)) return this.#endStatement(offset);
    if (byte === dash || byte === space || byte === tab || byte === lineEnd) {
      const isComment = byte !== dash && this.#last === dash && this.#beforeLast === dash;
      if (!isComment) return;
      if (byte !== lineEnd) this.#lexis = 'line';
      return;
    }
    if (byte === hash) this.#lexis = 'line';
    else if (byte === quote) this.#lexis = 'single';
    else if (byte === doubleQuote) this.#lexis = 'double';
    else if (byte === backtick) this.#openName();
    else if (byte === star && this.#last === slash) this.#lexis = 'opening';
    else if (byte !== star && byte !== slash && byte > space)
      this.#push({ kind: 'sign', text: String.fromCharCode(byte) });
  }

  /** Backticks inside a name are doubled: the second one opens the name again. */
  #openName(): void {
    this.#lexis = 'name';
    const before = this.#last === backtick ? this.#tokens.at(-1) : undefined;
    if (before?.kind !== 'name') return;
    this.#tokens.pop();
    this.#text = [...Buffer.from(`${before.text}\``)];
  }

  #takeName(byte: number): void {
    if (byte !== backtick) return this.#keep(byte);
    const text = Buffer.from(this.#text).toString('utf8');
    this.#text = [];
    this.#lexis = 'code';
    this.#push({ kind: 'name', text });
  }

  #keep(byte: number): void {
    if (this.#text.length < maxTokenBytes) this.#text.push(byte);
  }

  /** True when the byte behind the word belongs to what the word began. */
  #endWord(byte: number, offset: number): boolean {
    const text = Buffer.from(this.#text).toString('utf8').toUpperCase();
    this.#text = [];
    this.#isWord = false;
    this.#push({ kind: 'word', text });
    if (text === 'DELIMITER' && this.#tokens.length === 1) {
      this.#lexis = 'delimiter';
      return true;
    }
    if (text !== 'VALUES' || !isInsert(this.#tokens)) return false;
    this.#startData(byte, offset);
    return true;
  }

  #push(token: Token): void {
    this.#isComplete = false;
    if (this.#tokens.length < maxTokens) this.#tokens.push(token);
  }

  #startData(byte: number, offset: number): void {
    const name = this.#tokens.find(({ kind }) => kind === 'name')?.text ?? '';
    this.#table = this.#sums.at(name);
    this.#tableName = name;
    this.#mode = byte === lineEnd ? 'rows' : 'values';
    this.#depth = 0;
    this.#onEdge?.('data', offset, this.#tokens);
  }

  #endsStatement(byte: number): boolean {
    if (byte === this.#delimiter.charCodeAt(this.#matched)) this.#matched += 1;
    else this.#matched = byte === this.#delimiter.charCodeAt(0) ? 1 : 0;
    return this.#matched === this.#delimiter.length;
  }

  #endStatement(offset: number): void {
    const tokens = this.#tokens;
    this.#startStatement();
    this.#count(tokens);
    this.#onEdge?.('statement', offset, tokens);
  }

  #startStatement(): void {
    this.#tokens = [];
    this.#text = [];
    this.#isWord = false;
    this.#matched = 0;
  }

  #count(tokens: readonly Token[]): void {
    const made = whatIsMade(tokens);
    if (made === undefined) return;
    if (made.type === 'TABLE') this.#sums.at(made.name);
    else if (made.type === 'TRIGGER') this.#counts.triggers += 1;
    else if (made.type === 'EVENT') this.#counts.events += 1;
    else if (made.type === 'VIEW') {
      // Some versions put a table in the place of each view at first.
      this.#sums.remove(made.name);
      this.#counts.views += 1;
    } else if (['PROCEDURE', 'FUNCTION', 'PACKAGE'].includes(made.type)) this.#counts.routines += 1;
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

function isInsert(tokens: readonly Token[]): boolean {
  return ['INSERT', 'REPLACE'].includes(wordAt(tokens, 0)) && tokens.length > 2;
}

/**
 * What a CREATE statement makes. The place holder of a view (`CREATE VIEW`, nothing between) is none; the view itself
 * always says its ALGORITHM.
 */
export function whatIsMade(tokens: readonly Token[]): { readonly type: string; readonly name: string } | undefined {
  if (wordAt(tokens, 0) !== 'CREATE' || wordAt(tokens, 1) === 'VIEW') return undefined;
  const types = ['TABLE', 'TRIGGER', 'EVENT', 'VIEW', 'PROCEDURE', 'FUNCTION', 'PACKAGE', 'SEQUENCE'];
  const at = tokens.findIndex(({ kind, text }) => kind === 'word' && types.includes(text));
  if (at === -1) return undefined;
  const name = tokens.slice(at + 1).find(({ kind }) => kind === 'name')?.text ?? '';
  return { type: wordAt(tokens, at), name };
}
