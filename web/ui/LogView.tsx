import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useMemo, useRef, type UIEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { piecesOf, type Mark } from './log-marks.ts';
import classes from './LogView.module.css';

export type LogLine = {
  readonly key: string | number;
  readonly text: string;
  readonly tone?: 'out' | 'err' | 'note';
};

type LogViewProps = {
  readonly lines: readonly LogLine[];
  /** The newest line is kept in sight. Ends when the person scrolls up, begins again at the end. */
  readonly isFollowing: boolean;
  readonly onFollowingChange: (isFollowing: boolean) => void;
  /** What a screen reader calls it. */
  readonly label: string;
  /** Every place with this text is marked, without regard to case. */
  readonly search?: string;
  /** CSS length; default 420 px. */
  readonly height?: number | string;
  readonly isWrapped?: boolean;
  /** Coloured parts of a line, such as its status code. */
  readonly marksOf?: (text: string) => readonly Mark[];
  /** Shown in place of lines while there are none. */
  readonly empty?: string;
};

const lineHeight = 22;
/** Closer to the end than this counts as being there. */
const nearEnd = lineHeight * 1.5;

/** Lines of a log, left to right, only those in sight in the document: thousands scroll smoothly. */
export function LogView({
  lines,
  isFollowing,
  onFollowingChange,
  label,
  search = '',
  height = 420,
  isWrapped = false,
  marksOf,
  empty,
}: LogViewProps) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const longest = useMemo(() => lines.reduce((most, { text }) => Math.max(most, text.length), 0), [lines]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => lineHeight,
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 20,
    paddingStart: 10,
    paddingEnd: 10,
    useFlushSync: false,
  });
  const size = virtual.getTotalSize();

  useEffect(() => virtual.measure(), [isWrapped, virtual]);
  useLayoutEffect(() => {
    const element = place.current;
    if (isFollowing && element !== null) element.scrollTop = element.scrollHeight;
  }, [isFollowing, size, lines]);

  const onScroll = ({ currentTarget }: UIEvent<HTMLDivElement>): void => {
    const { scrollTop, scrollHeight, clientHeight } = currentTarget;
    const isAtEnd = scrollHeight - scrollTop - clientHeight <= nearEnd;
    const isUpwards = scrollTop < lastTop.current;
    lastTop.current = scrollTop;
    if (isFollowing && isUpwards && !isAtEnd) onFollowingChange(false);
    if (!isFollowing && !isUpwards && isAtEnd) onFollowingChange(true);
  };

  return (
    <div className={classes.frame} dir="ltr">
      {/* The label says what it is; a live region would read out every line of a busy log. */}
      <div
        ref={place}
        className={classes.place}
        style={{ height }}
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        onScroll={onScroll}
      >
        {lines.length === 0 && empty !== undefined && (
          <div className={classes.empty} dir="auto">
            {empty}
          </div>
        )}
        <div
          className={classes.lines}
          data-wrapped={isWrapped || undefined}
          style={{ height: size, minWidth: isWrapped ? undefined : `calc(${longest}ch + 32px)` }}
        >
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            if (line === undefined) return null;
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                data-tone={line.tone ?? 'out'}
                className={classes.line}
                style={{ transform: `translateY(${start}px)` }}
              >
                <Line text={line.text} search={search} marks={marksOf?.(line.text)} />
              </div>
            );
          })}
        </div>
      </div>
      {!isFollowing && lines.length > 0 && (
        <Button
          className={classes.end}
          size="compact-sm"
          radius="xl"
          leftSection={<IconArrowDown size={15} aria-hidden />}
          onClick={() => onFollowingChange(true)}
        >
          {t('common.log.toEnd')}
        </Button>
      )}
    </div>
  );
}

function Line({ text, search, marks = [] }: { text: string; search: string; marks?: readonly Mark[] | undefined }) {
  const pieces = piecesOf(text, search, marks);
  // An empty line keeps its height.
  if (pieces.length === 0) return '\u200b';
  return pieces.map(({ from, text: part, tone, isFound }) =>
    isFound ? (
      <mark key={from} className={classes.found} data-tone={tone}>
        {part}
      </mark>
    ) : tone === undefined ? (
      part
    ) : (
      <span key={from} className={classes.marked} data-tone={tone}>
        {part}
      </span>
    ),
  );
}
