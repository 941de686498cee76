import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { CopyButton } from '../../ui/Token.tsx';
import { CodeField } from '../accounts/CodeField.tsx';
import { useAddTotp, type TotpSecret } from './account.queries.ts';
import { QrCode } from './QrCode.tsx';
import classes from './Totp.module.css';

type TotpSetupProps = {
  /** null: closed. */
  readonly secret: TotpSecret | null;
  readonly onClose: () => void;
};

/** Scan, then prove with a code that the app has it: before that nothing is kept. */
export function TotpSetup({ secret, onClose }: TotpSetupProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      size={560}
      title={
        <Text component="span" fw={600}>
          {t('account.totp.setupTitle')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      {secret !== null && <Steps secret={secret} onClose={onClose} />}
    </Modal>
  );
}

function Steps({ secret: { secret, uri }, onClose }: { readonly secret: TotpSecret; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const add = useAddTotp();
  const [code, setCode] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const said = add.isError ? fieldErrors(add.error)['code'] : undefined;

  const send = (value: string): void => {
    if (add.isPending) return;
    setIsMissing(value.length < 6);
    if (value.length < 6) return;
    add.mutate(
      { secret, code: value },
      {
        onSuccess: () => {
          sayDone(t('account.totp.added'));
          onClose();
        },
      },
    );
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send(code);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <div className={classes.setup}>
          <QrCode text={uri} label={t('account.totp.qr')} />
          <Stack gap="md">
            <Text size="sm">{t('account.totp.scan')}</Text>
            <div>
              <Text size="sm" c="dimmed">
                {t('account.totp.typed')}
              </Text>
              <div className={classes.secret} dir="ltr">
                <span>{inGroups(secret)}</span>
                <CopyButton value={secret} label={t('account.totp.copy')} />
              </div>
            </div>
          </Stack>
        </div>
        {add.isError && toApiError(add.error).fields.length === 0 && (
          <Notice tone="bad" role="alert">
            {errorText(add.error)}
          </Notice>
        )}
        <CodeField
          label={t('account.totp.code')}
          description={t('account.totp.codeHint')}
          size="md"
          value={code}
          onChange={(next) => {
            setCode(next);
            setIsMissing(false);
            if (add.isError) add.reset();
          }}
          onFull={send}
          error={isMissing ? t('accounts.proof.missing.totp') : said}
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} disabled={add.isPending}>
            {t('common.actions.cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('account.totp.finish')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Four letters at a time, as a person copies them. */
export function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}
