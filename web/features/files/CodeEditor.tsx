import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import look from '../../ui/CodeMirror.module.css';
import { openCodeView, type CodeView } from './code-view.ts';
import type { LineEnd } from './text-bytes.ts';
import classes from './Editor.module.css';

type CodeEditorProps = {
  readonly name: string;
  /** At first; later texts are set by the handle. */
  readonly text: string;
  readonly lineEnd: LineEnd;
  readonly isReadOnly: boolean;
  readonly wraps: boolean;
  /** A line that shall be looked at; another object asks again. */
  readonly goTo: { readonly line: number } | null;
  /** Gets what the text is read and set by; null when it is closed. */
  readonly onView: (view: CodeView | null) => void;
  readonly onChange: () => void;
  readonly onSave: () => void;
};

/** The text of one file, left to right whatever the language of the page is. */
export function CodeEditor({ onView, onChange, onSave, ...given }: CodeEditorProps) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const opened = useRef<CodeView>(null);
  const calls = useRef({ onChange, onSave });
  const first = useRef({
    ...given,
    label: t('fileEditor.content', { name: given.name }),
    phrases: t('fileEditor.search', { returnObjects: true }) as Readonly<Record<string, string>>,
  });
  const { wraps, goTo } = given;
  useEffect(() => {
    calls.current = { onChange, onSave };
  });
  useEffect(() => {
    if (place.current === null) return;
    const view = openCodeView({
      ...first.current,
      place: place.current,
      phrases: phrasesOf(first.current.phrases),
      onChange: () => calls.current.onChange(),
      onSave: () => calls.current.onSave(),
    });
    opened.current = view;
    onView(view);
    view.focus();
    return () => {
      opened.current = null;
      onView(null);
      view.close();
    };
  }, [onView]);
  useEffect(() => opened.current?.setWraps(wraps), [wraps]);
  useEffect(() => {
    if (goTo !== null) opened.current?.goToLine(goTo.line);
  }, [goTo]);
  return <div ref={place} className={`${look.code} ${classes.code}`} dir="ltr" />;
}

/** CodeMirror knows its words by the English ones. */
const words = {
  find: 'Find',
  replaceWith: 'Replace',
  next: 'next',
  previous: 'previous',
  all: 'all',
  matchCase: 'match case',
  regexp: 'regexp',
  byWord: 'by word',
  replace: 'replace',
  replaceAll: 'replace all',
  close: 'close',
  goToLine: 'Go to line',
  go: 'go',
  foldLine: 'Fold line',
  unfoldLine: 'Unfold line',
  folded: 'folded code',
  unfold: 'unfold',
  foldedLines: 'Folded lines',
  unfoldedLines: 'Unfolded lines',
  to: 'to',
  control: 'Control character',
  currentMatch: 'current match',
  onLine: 'on line',
  replacedMatches: 'replaced $ matches',
  replacedOnLine: 'replaced match on line $',
} as const;

function phrasesOf(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(words).map(([key, english]) => [english, texts[key] ?? english]));
}
