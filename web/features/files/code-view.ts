import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { typingOver } from '../../ui/typing-over.ts';
import { languageOf } from './code-languages.ts';
import type { LineEnd } from './text-bytes.ts';

/*
 * CodeMirror for one file. It is loaded with the first file that is opened.
 */

export type CodeView = {
  text(): string;
  /** As one step that can be undone. */
  setText(text: string): void;
  setWraps(isOn: boolean): void;
  /** Counts from 1; behind the end it is the last one. */
  goToLine(line: number): void;
  focus(): void;
  close(): void;
};

export type CodeWish = {
  readonly place: HTMLElement;
  readonly name: string;
  readonly text: string;
  readonly lineEnd: LineEnd;
  readonly isReadOnly: boolean;
  readonly wraps: boolean;
  /** What a screen reader calls it. */
  readonly label: string;
  /** Words of the search panel, by the English ones. */
  readonly phrases: Readonly<Record<string, string>>;
  readonly onChange: () => void;
  readonly onSave: () => void;
};

export function openCodeView(wish: CodeWish): CodeView {
  const language = new Compartment();
  const wrapping = new Compartment();
  const wrapsLines = (isOn: boolean): Extension => (isOn ? EditorView.lineWrapping : []);
  const view = new EditorView({
    parent: wish.place,
    state: EditorState.create({
      doc: wish.text,
      extensions: [
        // Style elements need the nonce of the page.
        EditorView.cspNonce.of((globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ ?? ''),
        // Otherwise a carriage return in the text would become an end of line.
        wish.lineEnd === 'mixed' ? EditorState.lineSeparator.of('\n') : [],
        EditorState.phrases.of(wish.phrases),
        EditorState.readOnly.of(wish.isReadOnly),
        lineNumbers(),
        foldGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        typingOver,
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        search({ top: true }),
        syntaxHighlighting(classHighlighter),
        wrapping.of(wrapsLines(wish.wraps)),
        language.of([]),
        EditorView.contentAttributes.of({ 'aria-label': wish.label, dir: 'ltr', tabindex: '0' }),
        EditorView.updateListener.of(({ docChanged }) => docChanged && wish.onChange()),
        keymap.of([
          {
            key: 'Mod-s',
            preventDefault: true,
            run: () => {
              wish.onSave();
              return true;
            },
          },
          indentWithTab,
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          ...defaultKeymap,
        ]),
      ],
    }),
  });
  let isOpen = true;
  void languageOf(wish.name)?.().then(
    (found) => isOpen && view.dispatch({ effects: language.reconfigure(found) }),
    // Without colours it can be edited as well.
    () => undefined,
  );
  return {
    text: () => view.state.doc.toString(),
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    setWraps: (isOn) => view.dispatch({ effects: wrapping.reconfigure(wrapsLines(isOn)) }),
    goToLine(line) {
      const { from } = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines)));
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      view.focus();
    },
    focus: () => view.focus(),
    close() {
      isOpen = false;
      view.destroy();
    },
  };
}
