import { foreignParts } from './foreign-text.ts';
import classes from './ForeignText.module.css';

type ForeignTextProps = {
  readonly children: string;
  /** Longer texts are cut; the whole shows on hover. */
  readonly max?: number;
  readonly mono?: boolean;
  readonly className?: string | undefined;
};

/** Text that a stranger chose: in an isolate of its own, with what cannot be seen made visible. */
export function ForeignText({ children, max = 200, mono = false, className = '' }: ForeignTextProps) {
  const characters = Array.from(children);
  const isCut = characters.length > max;
  const parts = foreignParts(isCut ? characters.slice(0, max).join('') : children);
  return (
    <bdi
      className={`${classes.text} ${mono ? classes.mono : ''} ${className}`}
      title={isCut ? children.slice(0, 2000) : undefined}
    >
      {parts.map((part, index) =>
        part.isHidden ? (
          <span key={index} className={classes.hidden} dir="ltr">
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
      {isCut && '…'}
    </bdi>
  );
}
