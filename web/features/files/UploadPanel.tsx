import { ActionIcon, Button, Group, Progress, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconChevronDown,
  IconChevronUp,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconX,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import classes from './Uploads.module.css';
import { decideUploads, pauseUploads, removeUploads, resumeUploads, type Upload } from './uploads.ts';

const mostShown = 100;
const keysOf = (uploads: readonly Upload[]): number[] => uploads.map(({ key }) => key);
const isRunning = ({ state }: Upload): boolean => ['waiting', 'sending', 'broken', 'checking'].includes(state);

/** What is on its way to this site, each with what can be done about it, and all of it together. */
export function UploadPanel({ uploads }: { readonly uploads: readonly Upload[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isOpen, setIsOpen] = useState(true);
  if (uploads.length === 0) return null;
  const counted = uploads.filter(({ state }) => state !== 'skipped');
  const all = counted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const sent = counted.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const running = uploads.filter(isRunning);
  const held = uploads.filter(({ state }) => state === 'paused' || state === 'failed');
  const conflicts = uploads.filter(({ state }) => state === 'conflict');
  const done = uploads.filter(({ state }) => state === 'done');
  // Those that need something from the person come first.
  const order = [...conflicts, ...uploads.filter(({ state }) => state === 'failed'), ...running, ...uploads];
  const seen = [...new Set(order)].slice(0, mostShown);
  return (
    <section className={classes.panel} aria-label={t('files.upload.title')}>
      <header className={classes.head}>
        <strong role="status">
          {running.length > 0
            ? t('files.upload.running', { count: running.length, value: format.number(running.length) })
            : conflicts.length > 0
              ? t('files.upload.asks')
              : held.length > 0
                ? t('files.upload.held')
                : t('files.upload.over', { count: done.length, value: format.number(done.length) })}
        </strong>
        <span className={`${classes.soft} numbers`}>
          {t('files.upload.amount', { sent: format.bytes(sent), all: format.bytes(all) })}
        </span>
        <Group gap={4} className={classes.tools}>
          {running.length > 0 && (
            <Button size="compact-xs" variant="default" onClick={() => pauseUploads(keysOf(running))}>
              {t('files.upload.pauseAll')}
            </Button>
          )}
          {held.length > 0 && (
            <Button size="compact-xs" variant="default" onClick={() => resumeUploads(keysOf(held))}>
              {t('files.upload.resumeAll')}
            </Button>
          )}
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => removeUploads(keysOf(uploads))}>
            {t(running.length + held.length + conflicts.length > 0 ? 'files.upload.cancelAll' : 'files.upload.clear')}
          </Button>
          <ActionIcon
            aria-label={t(isOpen ? 'files.upload.fold' : 'files.upload.unfold')}
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
          >
            {isOpen ? <IconChevronDown size={16} /> : <IconChevronUp size={16} />}
          </ActionIcon>
        </Group>
      </header>
      <Progress value={all === 0 ? 100 : (sent / all) * 100} size="sm" aria-label={t('files.upload.progress')} />
      {isOpen && conflicts.length > 1 && (
        <div className={classes.asks}>
          <span>{t('files.upload.allTaken', { count: conflicts.length, value: format.number(conflicts.length) })}</span>
          <Choices keys={keysOf(conflicts)} />
        </div>
      )}
      {isOpen && (
        <ul className={classes.list}>
          {seen.map((upload) => (
            <UploadLine key={upload.key} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Choices({ keys }: { readonly keys: readonly number[] }) {
  const { t } = useTranslation();
  return (
    <Group gap={6}>
      <Button size="compact-sm" variant="light" onClick={() => decideUploads(keys, 'rename')}>
        {t('files.upload.keepBoth')}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => decideUploads(keys, 'replace')}>
        {t('files.upload.replace')}
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => decideUploads(keys, 'skip')}>
        {t('files.upload.skip')}
      </Button>
    </Group>
  );
}

function UploadLine({ upload }: { readonly upload: Upload }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { key, path, sizeBytes, sentBytes, state, error } = upload;
  const isBad = state === 'failed' || state === 'conflict';
  const tool = (label: string, icon: React.ReactNode, act: () => void) => (
    <Tooltip label={label}>
      <ActionIcon aria-label={`${label}: ${path}`} onClick={act}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <li className={classes.line} data-state={state}>
      <span className={classes.sign} aria-hidden>
        {state === 'done' ? (
          <IconCheck size={16} className={classes.good} />
        ) : isBad || state === 'broken' ? (
          <IconAlertTriangle size={16} className={classes.warn} />
        ) : null}
      </span>
      <span className={classes.text}>
        <ForeignText max={120}>{path}</ForeignText>
        <span className={classes.soft} role={isBad ? 'alert' : undefined}>
          {state === 'failed'
            ? errorText(error)
            : state === 'conflict'
              ? t('files.upload.taken')
              : `${t(`files.upload.states.${state}`)} · `}
          {!isBad && (
            <span className="numbers">
              {state === 'done'
                ? format.bytes(sizeBytes)
                : t('files.upload.amount', { sent: format.bytes(sentBytes), all: format.bytes(sizeBytes) })}
            </span>
          )}
        </span>
        {(state === 'sending' || state === 'broken' || state === 'paused') && (
          <Progress
            value={sizeBytes === 0 ? 100 : (sentBytes / sizeBytes) * 100}
            w="100%"
            size="xs"
            color={state === 'broken' ? 'orange' : 'brand'}
            aria-label={`${t('files.upload.progress')}: ${path}`}
          />
        )}
        {state === 'conflict' && <Choices keys={[key]} />}
      </span>
      <Group gap={2} wrap="nowrap">
        {(state === 'sending' || state === 'waiting' || state === 'broken') &&
          tool(t('files.upload.pause'), <IconPlayerPause size={15} />, () => pauseUploads([key]))}
        {state === 'paused' && tool(t('files.upload.resume'), <IconPlayerPlay size={15} />, () => resumeUploads([key]))}
        {state === 'failed' && tool(t('files.upload.again'), <IconRefresh size={15} />, () => resumeUploads([key]))}
        {tool(
          t(state === 'done' || state === 'skipped' ? 'files.upload.forget' : 'files.upload.cancel'),
          <IconX size={15} />,
          () => removeUploads([key]),
        )}
      </Group>
    </li>
  );
}
