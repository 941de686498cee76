import { Button, FileButton, Group, Progress } from '@mantine/core';
import { IconFileZip, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import type { ArchiveUpload } from './archives.queries.ts';
import classes from './Archives.module.css';

type DropFileProps = {
  /** Ends of names, for the dialog of the system. */
  readonly accepted: string;
  readonly title: string;
  readonly hint: string;
  readonly mayWrite: boolean;
  /** The one that is under way; null: another one can be chosen. */
  readonly sending: ArchiveUpload | null;
  readonly onFile: (file: File) => void;
  readonly onStop: () => void;
};

/** Where a large file is dropped or chosen, and how far it is. */
export function DropFile({ accepted, title, hint, mayWrite, sending, onFile, onStop }: DropFileProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isOver, setIsOver] = useState(false);
  if (sending === null)
    return (
      <div
        className={classes.drop}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(mayWrite);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          const [file] = event.dataTransfer.files;
          if (file !== undefined && mayWrite) onFile(file);
        }}
      >
        <IconFileZip size={34} stroke={1.5} aria-hidden className={classes.dropIcon} />
        <div className={classes.dropTitle}>{title}</div>
        <div className={classes.soft}>{hint}</div>
        <WhyNot reason={!mayWrite}>
          <FileButton accept={accepted} onChange={(file) => file !== null && onFile(file)}>
            {(props) => (
              <Button {...props} disabled={!mayWrite} leftSection={<IconUpload size={17} aria-hidden />}>
                {t('archives.send.choose')}
              </Button>
            )}
          </FileButton>
        </WhyNot>
      </div>
    );
  return (
    <div className={classes.sending} role="status">
      <Group justify="space-between" gap="xs">
        <bdi className={classes.name}>{sending.fileName}</bdi>
        <span className="numbers">
          {t('archives.send.progress', {
            done: format.bytes(sending.receivedBytes),
            all: format.bytes(sending.sizeBytes),
          })}
        </span>
      </Group>
      <Progress
        value={(sending.receivedBytes / sending.sizeBytes) * 100}
        aria-label={t('archives.send.progressLabel')}
        size="md"
      />
      <Group justify="flex-end">
        <Button variant="default" size="xs" onClick={onStop}>
          {t('archives.send.stop')}
        </Button>
      </Group>
    </div>
  );
}
