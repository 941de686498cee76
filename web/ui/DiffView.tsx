import { Fragment, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from './format.ts';
import { parseDiff, type DiffLine } from './diff-lines.ts';
import classes from './DiffView.module.css';

type DiffViewProps = {
  /** Unified diff of one file. */
  readonly diff: string;
  /** What a screen reader calls it: mostly the path. */
  readonly label: string;
  /** Only the beginning of the diff was kept. */
  readonly isTruncated?: boolean;
  readonly maxHeight?: number | string;
};

const signs = { same: ' ', added: '+', removed: '−', gap: '⋯', note: ' ' } as const;

/** What a file was and what it became, left to right; lines out are red with a minus, lines in green with a plus. */
export function DiffView({ diff, label, isTruncated = false, maxHeight = 460 }: DiffViewProps) {
  const { t } = useTranslation();
  const { lines } = useMemo(() => parseDiff(diff), [diff]);
  return (
    <div className={classes.place} dir="ltr" style={{ maxHeight }} tabIndex={0} role="region" aria-label={label}>
      <div className={classes.grid}>
        {lines.map((line, index) => (
          // A diff never changes its lines: their place is their name.
          <Row key={index} line={line} />
        ))}
      </div>
      {lines.length === 0 && (
        <div className={classes.none} dir="auto">
          {t('common.diff.empty')}
        </div>
      )}
      {isTruncated && (
        <div className={classes.cut} dir="auto">
          {t('common.diff.truncated')}
        </div>
      )}
    </div>
  );
}

function Row({ line: { kind, text, oldNumber, newNumber } }: { readonly line: DiffLine }) {
  const { t } = useTranslation();
  const spoken = kind === 'added' || kind === 'removed' ? t(`common.diff.${kind}`) : undefined;
  return (
    <div className={classes.line} data-kind={kind}>
      <span className={classes.number} aria-hidden>
        {oldNumber}
      </span>
      <span className={classes.number} aria-hidden>
        {newNumber}
      </span>
      <span className={classes.sign} aria-hidden>
        {signs[kind]}
      </span>
      {spoken !== undefined && <span className="visually-hidden">{spoken}: </span>}
      <span className={classes.text}>{text}</span>
    </div>
  );
}

/** `+3 −1`. */
export function DiffCount({ diff }: { readonly diff: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { added, removed } = useMemo(() => parseDiff(diff), [diff]);
  return (
    <bdi dir="ltr" className={classes.count}>
      {(
        [
          ['added', '+', added],
          ['removed', '−', removed],
        ] as const
      ).map(([kind, sign, count]) => (
        <Fragment key={kind}>
          {count > 0 && (
            <span data-kind={kind} title={t(`common.diff.${kind}`)}>
              {sign}
              {format.number(count)}
            </span>
          )}
        </Fragment>
      ))}
    </bdi>
  );
}
