import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import classes from './InvitationLink.module.css';
import type { Invitation } from './people.queries.ts';

/** The secret link, shown this once. */
export function InvitationLink({ invitation: { url, expiresAt } }: { readonly invitation: Invitation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const clipboard = useClipboard({ timeout: 2500 });
  return (
    <div className={classes.box} role="group" aria-labelledby={id}>
      <div id={id} className={classes.label}>
        {t('people.link.label')}
      </div>
      <div className={classes.url} data-testid="invitation-link">
        <Token mono>{url}</Token>
      </div>
      <Button
        fullWidth
        leftSection={clipboard.copied ? <IconCheck size={17} aria-hidden /> : <IconCopy size={17} aria-hidden />}
        onClick={() => clipboard.copy(url)}
      >
        {t(clipboard.copied ? 'people.link.copied' : 'people.link.copy')}
      </Button>
      <p className={classes.hint}>
        {t('people.link.expires', { time: format.dateTime(expiresAt), ago: format.ago(expiresAt) })}
        <br />
        {t('people.link.once')}
      </p>
    </div>
  );
}
