import { ActionIcon, Select, Tooltip } from '@mantine/core';
import { IconDownload, IconTextWrap } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { LogView, type LogLine } from '../../ui/LogView.tsx';
import { saveText } from '../../ui/save-text.ts';
import { SearchField } from './SearchField.tsx';
import { journalQuery, type SeenLine } from './services.queries.ts';
import classes from './Services.module.css';

const levels = ['7', '6', '4', '3'] as const;

/** The journal of a service, live. */
export function Journal({ unit }: { readonly unit: string }) {
  const { t } = useTranslation();
  const { timeZone } = useLook().look;
  const errorText = useErrorText();
  const [level, setLevel] = useState<(typeof levels)[number]>('7');
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  const [isFollowing, setIsFollowing] = useState(true);
  const [isWrapped, setIsWrapped] = useState(false);
  const { data, error } = useQuery(journalQuery(unit, Number(level)));
  const name = unit.slice(0, -'.service'.length);
  const lines = useMemo(() => {
    // As journals write it, in the person's zone: 2026-11-28 03:20:07.
    const zone = timeZone === 'auto' ? {} : { timeZone };
    const stamp = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', ...zone });
    return (data?.lines ?? []).map(
      (line): LogLine => ({ key: line.key, text: textOf(line, stamp), tone: toneOf(line) }),
    );
  }, [data, timeZone]);
  const found = useMemo(
    () => (wanted === '' ? lines : lines.filter(({ text }) => text.toLowerCase().includes(wanted.toLowerCase()))),
    [lines, wanted],
  );
  return (
    <>
      <div className={classes.tools}>
        <SearchField value={search} onChange={setSearch} />
        <Select
          size="xs"
          w={130}
          aria-label={t('services.journal.level')}
          value={level}
          allowDeselect={false}
          data={levels.map((value) => ({ value, label: t(`services.journal.levels.${value}`) }))}
          onChange={(value) => setLevel(levels.find((each) => each === value) ?? '7')}
        />
        <span className={classes.end}>
          <Tooltip label={t('services.journal.wrap')}>
            <ActionIcon
              aria-label={t('services.journal.wrap')}
              aria-pressed={isWrapped}
              variant={isWrapped ? 'light' : 'subtle'}
              onClick={() => setIsWrapped((before) => !before)}
            >
              <IconTextWrap size={17} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t('services.journal.download')}>
            <ActionIcon
              aria-label={t('services.journal.download')}
              disabled={found.length === 0}
              onClick={() => saveText(`${name}.log`, found.map(({ text }) => `${text}\n`).join(''))}
            >
              <IconDownload size={17} />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
      <LogView
        lines={found}
        isFollowing={isFollowing}
        onFollowingChange={setIsFollowing}
        label={t('services.journal.label', { name })}
        search={wanted}
        height="max(260px, calc(100dvh - 560px))"
        isWrapped={isWrapped}
        empty={
          data === undefined
            ? error === null
              ? t('common.states.loading')
              : errorText(error)
            : t(wanted === '' ? 'services.journal.empty' : 'services.journal.noMatch')
        }
      />
    </>
  );
}

function textOf({ at, source, text }: SeenLine, stamp: Intl.DateTimeFormat): string {
  return `${stamp.format(new Date(at))}  ${source}  ${text}`;
}

function toneOf({ priority }: SeenLine): 'out' | 'err' | 'note' {
  if (priority <= 3) return 'err';
  return priority === 7 ? 'note' : 'out';
}
