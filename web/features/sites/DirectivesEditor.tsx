import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './DirectivesEditor.module.css';

type DirectivesEditorProps = {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly isReadOnly: boolean;
  /** The line that an error speaks of, from 1. */
  readonly markedLine: number | null;
};

const lineHeight = 21;
const leastLines = 8;

/** Plain text with numbers of lines, left to right. Tab goes on to the next control, as everywhere in the page. */
export function DirectivesEditor({ value, onChange, label, isReadOnly, markedLine }: DirectivesEditorProps) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const lines = value.split('\n');
  const rows = Math.max(leastLines, lines.length + 1);

  // The marked line comes into sight with the caret in it.
  useEffect(() => {
    const area = input.current;
    if (markedLine === null || area === null || place.current === null) return;
    const before = area.value.split('\n').slice(0, markedLine - 1);
    const at = before.reduce((sum, line) => sum + line.length + 1, 0);
    area.focus({ preventScroll: true });
    area.setSelectionRange(at, at);
    place.current.scrollTop = Math.max(0, (markedLine - 4) * lineHeight);
  }, [markedLine]);

  return (
    <div ref={place} className={classes.place} dir="ltr" data-marked={markedLine !== null || undefined}>
      <pre className={classes.numbers} aria-hidden>
        {Array.from({ length: rows }, (_, index) => (
          <span key={index} data-marked={index + 1 === markedLine || undefined}>
            {index + 1}
            {'\n'}
          </span>
        ))}
      </pre>
      <div className={classes.area}>
        {markedLine !== null && (
          <div className={classes.mark} style={{ top: 12 + (markedLine - 1) * lineHeight }} aria-hidden />
        )}
        <textarea
          ref={input}
          className={classes.input}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          aria-label={label}
          aria-invalid={markedLine !== null}
          readOnly={isReadOnly}
          rows={rows}
          wrap="off"
          spellCheck={false}
          autoCapitalize="none"
          autoCorrect="off"
          placeholder={t('sites.directives.placeholder')}
        />
      </div>
    </div>
  );
}
