import { ActionIcon, Tooltip } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { IconX } from '@tabler/icons-react';
import { useLayoutEffect, useRef, useState, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { EndProcess } from './EndProcess.tsx';
import type { PlacedProcess } from './process-order.ts';
import type { SeenProcess } from './services.queries.ts';
import classes from './Services.module.css';

const columns = ['process', 'user', 'cpu', 'memory', 'disk', 'started'] as const;
const rowHeight = 53;

/** Hundreds of lines that change every few seconds: only those in sight are in the document. */
export function ProcessesTable({ placed }: { readonly placed: readonly PlacedProcess[] }) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const [ending, setEnding] = useState<SeenProcess | null>(null);
  const virtual = useWindowVirtualizer({
    count: placed.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
    useFlushSync: false,
  });
  useLayoutEffect(() => {
    const measure = (): void => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const rows = virtual.getVirtualItems();
  const before = (rows[0]?.start ?? top) - top;
  const after = Math.max(0, virtual.getTotalSize() - ((rows.at(-1)?.end ?? top) - top));
  return (
    <>
      <table className={classes.table} data-kind="processes" aria-rowcount={placed.length + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" data-column={column}>
                {t(`services.processes.columns.${column}`)}
              </th>
            ))}
            <td aria-hidden />
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && (
            <tr aria-hidden>
              <td style={{ height: before, padding: 0 }} />
            </tr>
          )}
          {rows.map(({ index }) => {
            const place = placed[index];
            if (place === undefined) return null;
            return (
              <ProcessLine
                key={`${place.process.pid} ${place.process.startTicks}`}
                placed={place}
                index={index}
                onEnd={() => setEnding(place.process)}
              />
            );
          })}
          {after > 0 && (
            <tr aria-hidden>
              <td style={{ height: after, padding: 0 }} />
            </tr>
          )}
        </tbody>
      </table>
      {ending !== null && <EndProcess process={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

type LineProps = { readonly placed: PlacedProcess; readonly index: number; readonly onEnd: () => void };
const deepest = 12;

function ProcessLine({ placed: { process: one, depth }, index, onEnd }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useCan()('services.write');
  const { pid, name, command, user, cpuShare, memoryBytes, diskRate, startedAt, guard, threads } = one;
  const reason = guard === 'kernel' || guard === 'panel' ? t(`services.processes.${guard}`) : mayWrite ? false : true;
  return (
    <tr className={classes.row} aria-rowindex={index + 2}>
      <td className={classes.main} data-column="process">
        <span className={classes.tree} style={{ '--depth': Math.min(depth, deepest) } as CSSProperties} />
        <span className={classes.name}>
          <ForeignText max={60}>{name}</ForeignText>
        </span>
        <span className={classes.sub} dir="ltr">
          <span
            className="numbers"
            title={t('services.processes.threads', { count: threads, value: format.number(threads) })}
          >
            {pid}
          </span>
          {' · '}
          <ForeignText max={160}>{command}</ForeignText>
        </span>
      </td>
      <td data-column="user">
        <ForeignText max={32}>{user}</ForeignText>
      </td>
      <td data-column="cpu" className={`numbers ${(cpuShare ?? 0) >= 10 ? classes.warm : ''}`}>
        {cpuShare === null ? '—' : format.percent(cpuShare, 1)}
      </td>
      <td data-column="memory" className="numbers">
        {memoryBytes === 0 ? '—' : format.bytes(memoryBytes)}
      </td>
      <td data-column="disk" className="numbers">
        {diskRate === null ? '—' : format.bytesPerSecond(diskRate)}
      </td>
      <td data-column="started">
        <time dateTime={startedAt} title={format.dateTime(startedAt)}>
          {format.ago(startedAt)}
        </time>
      </td>
      <td className={classes.end}>
        <WhyNot reason={reason}>
          <Tooltip label={t('services.processes.end')} disabled={reason !== false}>
            <ActionIcon
              size="sm"
              disabled={reason !== false}
              aria-label={t('services.processes.endTitle', { name: `${name} ${pid}` })}
              onClick={onEnd}
            >
              <IconX size={15} />
            </ActionIcon>
          </Tooltip>
        </WhyNot>
      </td>
    </tr>
  );
}
