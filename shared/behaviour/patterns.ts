/*
 * Regular expressions that people write for the address of a request: the part of PCRE that nginx always accepts and that
 * means the same in a browser. So a rule can be tried before it is saved, and nginx never refuses one.
 */

export type Pattern = { readonly ok: true; readonly groups: number; readonly regExp: RegExp } | { readonly ok: false };

const maxLength = 200;
const maxDepth = 10;
const maxCount = 100;

class PatternError extends Error {}

export function readPattern(text: string): Pattern {
  if (text === '' || text.length > maxLength) return { ok: false };
  try {
    const reader = new Reader(text);
    reader.choice(0);
    if (!reader.isAtEnd) return { ok: false };
    return { ok: true, groups: reader.groups, regExp: new RegExp(text) };
  } catch (error) {
    if (error instanceof PatternError || error instanceof SyntaxError) return { ok: false };
    throw error;
  }
}

/** Text that a regular expression takes letter by letter. */
export function escapePattern(text: string): string {
  return text
    .replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    .replaceAll('\\/', '/')
    .replaceAll('\\-', '-');
}

/** What an atom is to the quantifier behind it. */
type Atom = 'plain' | 'counted' | 'unrepeatable';

class Reader {
  readonly #text: string;
  #at = 0;
  groups = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #take(wanted: string): boolean {
    if (!this.#text.startsWith(wanted, this.#at)) return false;
    this.#at += wanted.length;
    return true;
  }

  /** Alternatives; true when a count such as `{3}` stands inside. */
  choice(depth: number): boolean {
    if (depth > maxDepth) throw new PatternError();
    let isCounted = false;
    do {
      while (!this.isAtEnd && !'|)'.includes(this.#text[this.#at] ?? '')) {
        if (this.#repeat(this.#atom(depth))) isCounted = true;
      }
    } while (this.#take('|'));
    return isCounted;
  }

  #repeat(atom: Atom): boolean {
    const found = /^(?:[*+?]|\{(\d{1,3})(?:,(\d{0,3}))?\})\??/.exec(this.#text.slice(this.#at));
    if (found === null) return atom === 'counted';
    const [whole, least, most] = found;
    this.#at += whole.length;
    if (atom === 'unrepeatable') throw new PatternError();
    if (least === undefined) return atom === 'counted';
    const isTooMuch = Number(least) > maxCount || Number(most ?? 0) > maxCount;
    const isBackwards = most !== undefined && most !== '' && Number(most) < Number(least);
    // Counts inside of counts grow beyond what fits into a compiled pattern.
    if (isTooMuch || isBackwards || atom === 'counted') throw new PatternError();
    return true;
  }

  #atom(depth: number): Atom {
    if (this.#take('(?=') || this.#take('(?!')) {
      this.#close(depth);
      return 'unrepeatable';
    }
    if (this.#take('(?:')) return this.#close(depth) ? 'counted' : 'plain';
    if (this.#take('(')) {
      this.groups++;
      return this.#close(depth) ? 'counted' : 'plain';
    }
    if (this.#take('[')) return this.#set();
    if (this.#take('\\')) return this.#escape('dDwWsSbB');
    const char = this.#text[this.#at++] ?? '';
    if (char === '^' || char === '$') return 'unrepeatable';
    if (/[*+?{}\])\u0000-\u001f\u007f]/.test(char)) throw new PatternError();
    // nginx compares bytes: such a letter is several of them, and only the last would be repeated.
    return char > '\u007f' ? 'unrepeatable' : 'plain';
  }

  #close(depth: number): boolean {
    const isCounted = this.choice(depth + 1);
    if (!this.#take(')')) throw new PatternError();
    return isCounted;
  }

  #escape(letters: string): Atom {
    const char = this.#text[this.#at++] ?? '';
    if (letters.includes(char) && char !== '') return 'bB'.includes(char) ? 'unrepeatable' : 'plain';
    if (!/^[.^$|()[\]{}*+?/\\-]$/.test(char)) throw new PatternError();
    return 'plain';
  }

  #set(): Atom {
    this.#take('^');
    let isEmpty = true;
    while (!this.#take(']')) {
      const char = this.#text[this.#at++] ?? '';
      if (!/^[!-~ ]$/.test(char) || char === '[') throw new PatternError();
      isEmpty = false;
      if (char === '\\') {
        this.#escape('dDwWsS');
        if (/^-[^\]]/.test(this.#text.slice(this.#at))) throw new PatternError();
        continue;
      }
      const range = /^-([^\]])/.exec(this.#text.slice(this.#at));
      if (range === null) continue;
      const last = range[1] ?? '';
      const isRange = [/^[a-z]{2}$/, /^[A-Z]{2}$/, /^\d{2}$/].some((kind) => kind.test(char + last));
      if (!isRange || char > last) throw new PatternError();
      this.#at += 2;
    }
    if (isEmpty) throw new PatternError();
    return 'plain';
  }
}
