import classes from './Meter.module.css';

type MeterProps = {
  /** Parts from the start, in percent of the whole. */
  readonly parts: readonly { readonly percent: number; readonly color: string }[];
  /** What a screen reader says: name and value in words. */
  readonly label: string;
  readonly size?: 'thin' | 'normal';
};

/** How much of something is used. The words stand beside it: colour alone says nothing. */
export function Meter({ parts, label, size = 'normal' }: MeterProps) {
  return (
    <div className={classes.meter} data-size={size} role="img" aria-label={label}>
      {parts.map(({ percent, color }) => (
        <span key={color} className={classes.part} style={{ width: `${percent}%`, background: color }} />
      ))}
    </div>
  );
}
