import { ActionIcon, Button, Group, Textarea, Tooltip } from '@mantine/core';
import { IconKey, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccountFacts } from '#shared/machine-accounts.ts';
import { parseSshKey } from '#shared/site-sftp.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './MachineAccounts.module.css';
import { useChangeKeys } from './machine-accounts.queries.ts';
import { keyName } from './account-names.ts';

type KeysProps = { readonly facts: AccountFacts; readonly whyNot: string | boolean };

/** Who signs in as this user by which key. */
export function AccountKeys({ facts, whyNot }: KeysProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { account, keys, otherKeyLines } = facts;
  const change = useChangeKeys(account.name);
  const [text, setText] = useState('');
  const [isTried, setIsTried] = useState(false);
  const [leaving, setLeaving] = useState<string | null>(null);
  const parsed = parseSshKey(text);
  const isTwice = parsed.ok && keys.some(({ key }) => key === parsed.key);
  const code = !parsed.ok ? parsed.code : isTwice ? 'ssh_key_twice' : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (!parsed.ok || isTwice) return;
    finish(
      change,
      { add: [{ name: keyName(text) ?? account.name, key: parsed.key }] },
      {
        onSuccess: () => {
          setText('');
          setIsTried(false);
          sayDone(t('machineAccounts.keys.added'));
        },
      },
    );
  };
  return (
    <section className={classes.part}>
      <h3>{t('machineAccounts.keys.title')}</h3>
      {keys.length === 0 && <p className={classes.hint}>{t('machineAccounts.keys.none')}</p>}
      <ul className={classes.list}>
        {keys.map(({ key, name }) => (
          <li key={key}>
            <IconKey size={18} stroke={1.7} aria-hidden />
            <div className={classes.words}>
              <bdi className={classes.strong}>{name}</bdi>
              <Token mono>{shortKey(key)}</Token>
            </div>
            <Tooltip label={t('machineAccounts.keys.remove')}>
              <ActionIcon
                variant="subtle"
                color="red"
                aria-label={t('machineAccounts.keys.removeOf', { name })}
                disabled={whyNot !== false}
                onClick={() => setLeaving(key)}
              >
                <IconTrash size={17} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ul>
      {otherKeyLines > 0 && (
        <p className={classes.hint}>
          {t('machineAccounts.keys.others', { count: otherKeyLines, value: format.number(otherKeyLines) })}
        </p>
      )}
      <form onSubmit={submit} noValidate className={classes.form} aria-label={t('machineAccounts.keys.add')}>
        <Textarea
          label={t('machineAccounts.key')}
          description={t('machineAccounts.keyHint')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={isTried && code !== undefined ? fieldText(t, text.trim() === '' ? 'required' : code) : undefined}
          autosize
          minRows={2}
          maxRows={8}
          dir="ltr"
          spellCheck={false}
          disabled={whyNot !== false}
          classNames={{ input: classes.mono ?? '' }}
        />
        {change.isError && leaving === null && (
          <p className={classes.error} role="alert">
            {errorText(change.error)}
          </p>
        )}
        <Group>
          <WhyNot reason={whyNot}>
            <Button type="submit" variant="default" loading={change.isPending} disabled={whyNot !== false}>
              {t('machineAccounts.keys.add')}
            </Button>
          </WhyNot>
        </Group>
      </form>
      <ConfirmDialog
        isOpen={leaving !== null}
        title={t('machineAccounts.keys.removeTitle')}
        confirmLabel={t('machineAccounts.keys.remove')}
        isDangerous
        isBusy={change.isPending}
        onClose={() => setLeaving(null)}
        onConfirm={() =>
          finish(
            change,
            { remove: [leaving ?? ''] },
            {
              onSuccess: () => sayDone(t('machineAccounts.keys.removed')),
              onError: (error) => sayFailed(t('machineAccounts.keys.notRemoved'), errorText(error)),
              onSettled: () => setLeaving(null),
            },
          )
        }
      >
        {t('machineAccounts.keys.removeText')}
      </ConfirmDialog>
    </section>
  );
}

/** Kind and end of a key: enough to tell it from others. */
function shortKey(key: string): string {
  const [kind = '', data = ''] = key.split(' ');
  return `${kind} …${data.slice(-16)}`;
}
