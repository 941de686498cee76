import { useMemo } from 'react';
import classes from './CodeView.module.css';

type CodeViewProps = {
  readonly text: string;
  /** What a screen reader calls it: mostly the path. */
  readonly label: string;
  readonly maxHeight?: number | string;
};

/** Text of a file to read, left to right, with numbers of lines. */
export function CodeView({ text, label, maxHeight = 460 }: CodeViewProps) {
  const lines = useMemo(() => text.replace(/\n$/, '').split('\n'), [text]);
  return (
    <div className={classes.place} dir="ltr" style={{ maxHeight }} tabIndex={0} role="region" aria-label={label}>
      <pre className={classes.numbers} aria-hidden>
        {lines.map((_, index) => index + 1).join('\n')}
      </pre>
      <pre className={classes.text}>{lines.join('\n')}</pre>
    </div>
  );
}
