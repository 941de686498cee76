import { Button, Checkbox, Loader } from '@mantine/core';
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { readRange, windowBytes } from './file-content.ts';
import { cutWindow, type FileWindow } from './file-window.ts';
import type { Encoding } from './text-bytes.ts';
import classes from './Editor.module.css';

type Place = { readonly siteId: string; readonly path: string };
/** From a byte on, up to one, or what is at the end now. */
type Wanted = { readonly from: number } | { readonly to: number } | { readonly end: number };

/** A file of any size, a part at a time, to be read only. */
export function BigFileView({ place, sizeBytes, encoding }: { place: Place; sizeBytes: number; encoding: Encoding }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [wanted, setWanted] = useState<Wanted>({ from: 0 });
  const [wraps, setWraps] = useState(false);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['site', place.siteId, 'file-window', place.path, wanted],
    queryFn: async ({ signal }) => await readWindow(place, wanted, { sizeBytes, encoding, signal }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 30_000,
  });
  if (data === undefined)
    return error === null ? <Loader size="sm" m="lg" /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  const { text, start, end, size } = data;
  const go = (label: string, to: (before: Wanted) => Wanted, isOn: boolean) => (
    <Button size="xs" variant="default" disabled={!isOn || isFetching} onClick={() => setWanted(to)}>
      {label}
    </Button>
  );
  return (
    <>
      <div className={classes.tools}>
        {go(t('fileEditor.large.start'), () => ({ from: 0 }), start > 0)}
        {go(t('fileEditor.large.back'), () => ({ to: start }), start > 0)}
        {go(t('fileEditor.large.on'), () => ({ from: end }), end < size)}
        {go(t('fileEditor.large.end'), (before) => ({ end: 'end' in before ? before.end + 1 : 0 }), true)}
        <span className={`${classes.path} numbers`} role="status">
          {t('fileEditor.large.where', {
            from: format.number(start + 1),
            to: format.number(end),
            all: format.bytes(size),
            share: format.percent(size === 0 ? 100 : (end / size) * 100, 1),
          })}
        </span>
        <span className={classes.end}>
          <Checkbox
            size="xs"
            label={t('fileEditor.wrap')}
            checked={wraps}
            onChange={(event) => setWraps(event.currentTarget.checked)}
          />
        </span>
      </div>
      <div className={classes.notices}>
        <Notice tone="info">{t('fileEditor.large.text', { size: format.bytes(size) })}</Notice>
      </div>
      <pre
        className={classes.window}
        dir="ltr"
        tabIndex={0}
        role="region"
        aria-label={t('fileEditor.content', { name: place.path })}
        data-wraps={wraps || undefined}
      >
        {text}
      </pre>
    </>
  );
}

type Reading = { readonly sizeBytes: number; readonly encoding: Encoding; readonly signal: AbortSignal };

async function readWindow(
  place: Place,
  wanted: Wanted,
  { sizeBytes, encoding, signal }: Reading,
): Promise<FileWindow & { readonly size: number }> {
  let size = sizeBytes;
  // A log has grown meanwhile.
  if ('end' in wanted) size = (await readRange(place, 0, 1, signal)).sizeBytes;
  const to = 'to' in wanted ? wanted.to : size;
  const from = 'from' in wanted ? wanted.from : Math.max(0, to - windowBytes);
  const most = 'from' in wanted ? windowBytes : Math.max(1, to - from);
  const read = await readRange(place, from, most, signal);
  const isLineStart = 'from' in wanted;
  return { ...cutWindow(read.bytes, { from, sizeBytes: read.sizeBytes, encoding, isLineStart }), size: read.sizeBytes };
}
