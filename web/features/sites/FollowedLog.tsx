import { ActionIcon, Loader, TextInput, Tooltip } from '@mantine/core';
import {
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconSearch,
  IconTextWrap,
  IconX,
  type Icon,
} from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { wwwlogs, type LogKind, type Site } from '#shared/sites.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { LogView, type LogLine } from '../../ui/LogView.tsx';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { accessMarks, errorMarks, matching } from './log-lines.ts';
import { saveText } from '../../ui/save-text.ts';
import { useFollowedLog } from './use-followed-log.ts';
import classes from './SiteLogs.module.css';

type FollowedLogProps = {
  readonly site: Site;
  readonly kind: LogKind;
  /** Of an application: of this further program of it. */
  readonly worker?: string | undefined;
  /** Of an application: of this one of several instances. */
  readonly instance?: number | undefined;
  readonly switcher: ReactNode;
};

/** One log of a site: followed, searched, held, taken home. */
export function FollowedLog({ site, kind, worker, instance = 1, switcher }: FollowedLogProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { log, state, isRead, error } = useFollowedLog(site.id, kind, { worker, instance });
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  const [isFollowing, setIsFollowing] = useState(true);
  const [isWrapped, setIsWrapped] = useState(false);
  /** The last line shown while the log is held. */
  const [heldAt, setHeldAt] = useState<number | null>(null);

  const held = useMemo(
    () => (heldAt === null ? log.lines : log.lines.filter(({ key }) => Number(key) <= heldAt)),
    [log.lines, heldAt],
  );
  const found = useMemo(() => matching(held, wanted), [held, wanted]);
  const shown = useMemo((): readonly LogLine[] => {
    const note = { key: 'cut', tone: 'note', text: t('sites.logs.cut', { value: format.bytes(64 * 1024) }) } as const;
    return log.isCut && wanted === '' ? [note, ...found] : found;
  }, [found, log.isCut, wanted, t, format]);
  const waiting = log.lines.length - held.length;
  const part = worker === undefined ? (instance === 1 ? '' : `@${instance}`) : `-${worker}`;
  const name = `${site.slug}.${kind}${part}.log`;
  const path = `${wwwlogs}/${name}`;

  return (
    <>
      <div className={classes.bar}>
        {switcher}
        <TextInput
          className={classes.search}
          size="xs"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder={t('sites.logs.search')}
          aria-label={t('sites.logs.search')}
          leftSection={<IconSearch size={15} aria-hidden />}
          rightSection={
            search !== '' && (
              <ActionIcon size="sm" aria-label={t('sites.list.clearSearch')} onClick={() => setSearch('')}>
                <IconX size={14} />
              </ActionIcon>
            )
          }
        />
        <div className={classes.tools}>
          <Tool
            icon={heldAt === null ? IconPlayerPause : IconPlayerPlay}
            label={t(heldAt === null ? 'sites.logs.hold' : 'sites.logs.resume')}
            isOn={heldAt !== null}
            onClick={() => {
              setHeldAt(heldAt === null ? Number(log.lines.at(-1)?.key ?? 0) : null);
              if (heldAt !== null) setIsFollowing(true);
            }}
          />
          <Tool
            icon={IconTextWrap}
            label={t('sites.logs.wrap')}
            isOn={isWrapped}
            onClick={() => setIsWrapped((before) => !before)}
          />
          <Tool
            icon={IconDownload}
            label={t('sites.logs.download')}
            isDisabled={found.length === 0}
            onClick={() => saveText(name, found.map(({ text }) => `${text}\n`).join(''))}
          />
        </div>
      </div>
      <LogView
        lines={shown}
        isFollowing={isFollowing}
        onFollowingChange={setIsFollowing}
        label={t(`sites.logs.${kind}`)}
        search={wanted}
        height="max(320px, calc(100dvh - 440px))"
        isWrapped={isWrapped}
        marksOf={kind === 'access' ? accessMarks : errorMarks}
        empty={
          isRead
            ? t(wanted === '' ? `sites.logs.empty_${kind}` : 'sites.logs.noMatch')
            : error === null
              ? t('common.states.loading')
              : errorText(error)
        }
      />
      <div className={classes.foot} aria-live="polite">
        {!isRead && state === 'connecting' ? (
          <Loader size={14} aria-label={t('common.states.loading')} />
        ) : heldAt !== null ? (
          <Status tone="warn">{t('sites.logs.held', { count: waiting, value: format.number(waiting) })}</Status>
        ) : state === 'waiting' ? (
          <Status tone="warn">{t('sites.logs.reconnecting')}</Status>
        ) : (
          <Status tone="busy">{t('sites.logs.live')}</Status>
        )}
        <span className={classes.count}>
          {t(wanted === '' ? 'sites.logs.lines' : 'sites.logs.matches', {
            count: found.length,
            value: format.number(found.length),
          })}
        </span>
        <span className={classes.path}>
          <Token mono>{path}</Token>
        </span>
      </div>
    </>
  );
}

function Tool({
  icon: ToolIcon,
  label,
  isOn = false,
  isDisabled = false,
  onClick,
}: {
  readonly icon: Icon;
  readonly label: string;
  readonly isOn?: boolean;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        variant={isOn ? 'light' : 'subtle'}
        color={isOn ? 'brand' : 'gray'}
        aria-label={label}
        aria-pressed={isOn}
        disabled={isDisabled}
        onClick={onClick}
      >
        <ToolIcon size={18} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
