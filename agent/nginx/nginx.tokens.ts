/*
 * nginx's own way of cutting text into words (ngx_conf_read_token), so that we read what it will read.
 */

export type Directive = {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
  /** Offsets in the text, from the first character of the name to behind `;` or `}`. */
  readonly start: number;
  readonly end: number;
  /** null: ends with `;`. */
  readonly block: readonly Directive[] | null;
};

export class TokenError extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.name = 'TokenError';
    this.line = line;
  }
}

type Token = {
  readonly type: 'word' | ';' | '{' | '}';
  readonly text: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
};

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n';
const maxDepth = 16;

/** Throws TokenError where nginx would refuse the text for its form. */
export function parseDirectives(text: string): Directive[] {
  const tokens = [...tokenize(text)];
  let at = 0;

  function block(depth: number): Directive[] {
    const found: Directive[] = [];
    for (;;) {
      const token = tokens[at];
      if (token === undefined) {
        if (depth > 0) throw new TokenError('the text ends inside a block', lineAtEnd(text));
        return found;
      }
      if (token.type === '}') {
        if (depth === 0) throw new TokenError('unexpected "}"', token.line);
        return found;
      }
      found.push(directive(depth));
    }
  }

  function directive(depth: number): Directive {
    const words: Token[] = [];
    for (;;) {
      const token = tokens[at++];
      if (token === undefined) throw new TokenError('";" or "}" is missing', lineAtEnd(text));
      if (token.type === 'word') {
        words.push(token);
        continue;
      }
      const [first, ...rest] = words;
      if (first === undefined || token.type === '}') throw new TokenError(`unexpected "${token.text}"`, token.line);
      const head = { name: first.text, args: rest.map((word) => word.text), line: first.line, start: first.start };
      if (token.type === ';') return { ...head, end: token.end, block: null };
      if (depth >= maxDepth) throw new TokenError('too many blocks in each other', token.line);
      const inner = block(depth + 1);
      const close = tokens[at++];
      return { ...head, end: close?.end ?? text.length, block: inner };
    }
  }

  return block(0);
}

function lineAtEnd(text: string): number {
  return text.split('\n').length;
}

function* tokenize(text: string): Generator<Token> {
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '\n') line++;
    if (isSpace(char)) {
      at++;
    } else if (char === '#') {
      while (at < text.length && text[at] !== '\n') at++;
    } else if (char === ';' || char === '{' || char === '}') {
      yield { type: char, text: char, line, start: at, end: at + 1 };
      at++;
    } else {
      const word = char === '"' || char === "'" ? quoted(text, at, line) : bare(text, at);
      yield { type: 'word', text: word.text, line, start: at, end: word.end };
      for (let index = at; index < word.end; index++) if (text[index] === '\n') line++;
      at = word.end;
    }
  }
}

function quoted(text: string, start: number, line: number): { text: string; end: number } {
  const mark = text[start];
  let out = '';
  let at = start + 1;
  for (; text[at] !== mark; at++) {
    if (at >= text.length) throw new TokenError('a quote is not closed', line);
    if (text[at] === '\\') {
      const unescaped = escapes[text[at + 1] ?? ''];
      out += unescaped ?? `\\${text[at + 1] ?? ''}`;
      at++;
    } else out += text[at];
  }
  const next = text[at + 1];
  if (next !== undefined && !isSpace(next) && !';{)'.includes(next)) throw new TokenError(`unexpected "${next}"`, line);
  return { text: out, end: at + 1 };
}

const escapes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };

function bare(text: string, start: number): { text: string; end: number } {
  let out = '';
  let at = start;
  let isVariable = false;
  for (; at < text.length; at++) {
    const char = text[at] ?? '';
    // As nginx does: the mark of a variable outlives any number of braces.
    if (char === '{' && isVariable) {
      out += char;
      continue;
    }
    if (isSpace(char) || char === ';' || char === '{') break;
    isVariable = char === '$';
    if (char === '\\') {
      out += escapes[text[at + 1] ?? ''] ?? `\\${text[at + 1] ?? ''}`;
      at++;
    } else out += char;
  }
  return { text: out, end: Math.min(at, text.length) };
}
