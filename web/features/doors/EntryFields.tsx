import { Button, Switch, TextInput } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './Doors.module.css';
import { entryAddress, newEntryPath, type DoorsDraft } from './doors-draft.ts';

type EntryFieldsProps = {
  readonly draft: DoorsDraft;
  readonly savedPort: number;
  readonly onChange: (change: Partial<DoorsDraft>) => void;
  readonly isFixed: boolean;
  readonly error: string | undefined;
};

/** The secret first part of the address, and the whole address to keep. */
export function EntryFields({ draft, savedPort, onChange, isFixed, error }: EntryFieldsProps) {
  const { t } = useTranslation();
  const address = entryAddress(location.origin, savedPort, draft);
  return (
    <>
      <Switch
        label={t('doors.entry.isOn')}
        checked={draft.hasEntry}
        disabled={isFixed}
        onChange={(event) => {
          const hasEntry = event.currentTarget.checked;
          onChange({ hasEntry, ...(hasEntry && draft.entryPath === '' ? { entryPath: newEntryPath() } : {}) });
        }}
      />
      {draft.hasEntry ? (
        <div className={classes.entry}>
          <TextInput
            className={classes.path ?? ''}
            label={t('doors.entry.path')}
            value={draft.entryPath}
            onChange={(event) => onChange({ entryPath: event.currentTarget.value })}
            error={error}
            disabled={isFixed}
            leftSection="/"
            dir="ltr"
            maxLength={64}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
          <Button
            variant="default"
            disabled={isFixed}
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => onChange({ entryPath: newEntryPath() })}
          >
            {t('doors.entry.generate')}
          </Button>
        </div>
      ) : (
        <p className={classes.hint}>{t('doors.entry.off')}</p>
      )}
      {draft.hasEntry && (
        <div className={classes.address}>
          <span className={classes.label}>{t('doors.entry.address')}</span>
          <div>
            <Token mono>{address}</Token>
            <CopyButton value={address} label={t('doors.entry.copy')} />
          </div>
        </div>
      )}
    </>
  );
}
