import { Button, Group, Progress } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Archives.module.css';
import { useUndoUnpacking, type Unpacking } from './archives.queries.ts';

const tones: Readonly<Record<Unpacking['state'], Tone>> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
  undone: 'idle',
};

/** Archives that were put into the site, newest first. */
export function Unpackings({ siteId, items }: { readonly siteId: string; readonly items: readonly Unpacking[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('archives.list.title')} description={t('archives.list.text')} padding="flush">
      <ul className={classes.list}>
        {items.map((item) => (
          <Row key={item.id} siteId={siteId} item={item} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ siteId, item }: { readonly siteId: string; readonly item: Unpacking }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { failure, files, bytes } = item;
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        <div className={classes.what}>
          <Group gap="sm">
            <Status tone={tones[item.state]}>
              {t(item.state === 'running' ? `archives.phases.${item.phase}` : `archives.states.${item.state}`)}
            </Status>
            <bdi className={classes.name}>{item.fileName}</bdi>
          </Group>
          <div className={classes.meta}>
            {item.folder !== '' && <Token mono>{item.folder}</Token>}
            <span className="numbers">{format.dateTime(item.startedAt)}</span>
            <span>{t('archives.list.by', { name: item.actorName })}</span>
            {files !== null && bytes !== null && (
              <span className="numbers">
                {t('archives.items.inFolder', { files: format.number(files), bytes: format.bytes(bytes) })}
              </span>
            )}
            {item.replaced > 0 && <span>{t('archives.list.replaced', { count: item.replaced })}</span>}
            {item.kept > 0 && <span>{t('archives.list.kept', { count: item.kept })}</span>}
          </div>
        </div>
        {item.canBeUndone && <UndoButton siteId={siteId} item={item} />}
      </div>
      {item.state === 'running' && (
        <Progress
          value={item.progress}
          size="sm"
          mt="sm"
          aria-label={t('archives.list.progressLabel', { name: item.fileName })}
        />
      )}
      {failure !== null && (
        <Notice tone="bad" className={classes.below}>
          {errorText(new ApiError({ code: 'in_use', ...failure }))}
        </Notice>
      )}
    </li>
  );
}

function UndoButton({ siteId, item }: { readonly siteId: string; readonly item: Unpacking }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('sites.write');
  const [isAsking, setIsAsking] = useState(false);
  const undo = useUndoUnpacking(siteId);
  return (
    <>
      <WhyNot reason={!mayWrite}>
        <Button
          variant="default"
          size="xs"
          disabled={!mayWrite}
          loading={undo.isPending}
          leftSection={<IconArrowBackUp size={15} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('archives.list.undo')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('archives.list.undoTitle')}
        confirmLabel={t('archives.list.undo')}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          finish(undo, item.id, {
            onSuccess: () => sayDone(t('archives.list.undone')),
            onError: (error) => sayFailed(t('archives.list.undoFailed'), errorText(error)),
          });
        }}
      >
        {t('archives.list.undoText', { name: item.fileName })}
      </ConfirmDialog>
    </>
  );
}
