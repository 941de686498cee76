import { autocompletion, closeCompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { MariaSQL, PostgreSQL, sql } from '@codemirror/lang-sql';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, placeholder } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import type { DatabaseEngine } from '#shared/databases.ts';
import { typingOver } from '../../ui/typing-over.ts';

/*
 * CodeMirror for one statement of SQL. It is loaded with the console.
 */

/** What was looked up while somebody went on is offered a moment later. */
const lateMs = 250;

export type StatementView = {
  setText(text: string): void;
  /** What is offered besides the words of the language. */
  setTables(names: readonly string[]): void;
  close(): void;
};

export type StatementWish = {
  readonly place: HTMLElement;
  readonly engine: DatabaseEngine;
  readonly text: string;
  readonly example: string;
  /** What a screen reader calls it. */
  readonly label: string;
  /** What a screen reader calls the list of what is offered. */
  readonly offered: string;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
};

export function openStatementView(wish: StatementWish): StatementView {
  const language = new Compartment();
  const languageWith = (tables: readonly string[]): Extension =>
    sql({
      dialect: wish.engine === 'mariadb' ? MariaSQL : PostgreSQL,
      schema: Object.fromEntries(tables.map((name) => [name, []])),
    });
  const view = new EditorView({
    parent: wish.place,
    state: EditorState.create({
      doc: wish.text,
      extensions: [
        // Style elements need the nonce of the page.
        EditorView.cspNonce.of((globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ ?? ''),
        EditorState.phrases.of({ Completions: wish.offered }),
        EditorView.lineWrapping,
        highlightSpecialChars(),
        history(),
        drawSelection(),
        typingOver,
        bracketMatching(),
        autocompletion({ icons: false }),
        EditorView.domEventHandlers({ blur: (_event, view) => void setTimeout(closeCompletion, lateMs, view) }),
        placeholder(wish.example),
        syntaxHighlighting(classHighlighter),
        language.of(languageWith([])),
        EditorView.contentAttributes.of({ 'aria-label': wish.label, autocapitalize: 'off', dir: 'ltr', tabindex: '0' }),
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && wish.onChange(state.doc.toString())),
        keymap.of([
          {
            key: 'Mod-Enter',
            preventDefault: true,
            run: (view) => {
              closeCompletion(view);
              wish.onRun();
              return true;
            },
          },
          // The tabulator goes on to the next field, as in every form.
          ...completionKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
      ],
    }),
  });
  return {
    setText(text) {
      if (view.state.doc.toString() !== text)
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    setTables: (names) => view.dispatch({ effects: language.reconfigure(languageWith(names)) }),
    close: () => view.destroy(),
  };
}
