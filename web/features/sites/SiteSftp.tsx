import { ActionIcon, Button, Group, Stack, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { maxSshKeys, parseSshKey, type SiteSftp as Access } from '#shared/site-sftp.ts';
import { useCan } from '../../api/session.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useFieldErrors } from '../../ui/error-text.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { ChangeRefused } from './ChangeRefused.tsx';
import { useSite } from './site-context.ts';
import { useUpdateSite } from './sites.queries.ts';
import classes from './SiteSftp.module.css';

type Key = Access['keys'][number];

/** Who may come to the files of the site, by which key. */
export function SiteSftp() {
  const { t } = useTranslation();
  const site = useSite();
  const mayWrite = useCan()('sites.write');
  const update = useUpdateSite();
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<Key | null>(null);
  const [seen, setSeen] = useState(site);
  const { keys } = site.sftp;

  const put = (next: readonly Key[], said: string, overwrite = false): void => {
    setSeen(site);
    const body = { sftp: { keys: [...next] }, ...(overwrite ? { overwrite } : {}) };
    finish(
      update,
      { siteId: site.id, revision: site.revision, body },
      {
        onSuccess: () => {
          setIsAdding(false);
          setLeaving(null);
          sayDone(said);
        },
        onError: () => setLeaving(null),
      },
    );
  };
  const add = (
    <WhyNot reason={mayWrite ? false : true}>
      <Button
        leftSection={<IconPlus size={16} />}
        onClick={() => {
          update.reset();
          setIsAdding(true);
        }}
        disabled={!mayWrite || isAdding || keys.length >= maxSshKeys}
      >
        {t('sftp.add')}
      </Button>
    </WhyNot>
  );
  return (
    <Stack gap="lg">
      <Section
        title={t('sftp.title')}
        description={t('sftp.lead')}
        actions={keys.length > 0 ? add : undefined}
        padding="flush"
      >
        {update.isError && (
          <div className={classes.refused}>
            <ChangeRefused
              error={update.error}
              seen={seen}
              present={site}
              touched={['sftp']}
              isBusy={update.isPending}
              onRetry={({ overwrite }) => {
                const wanted = update.variables?.body.sftp?.keys ?? keys;
                put(wanted, t('common.states.saved'), overwrite);
              }}
              onDiscard={() => update.reset()}
            />
          </div>
        )}
        {isAdding && (
          <NewKey
            keys={keys}
            error={update.isError ? update.error : null}
            isBusy={update.isPending}
            onAdd={(key) => put([...keys, key], t('sftp.added'))}
            onClose={() => {
              update.reset();
              setIsAdding(false);
            }}
          />
        )}
        {keys.length === 0 && !isAdding && (
          <EmptyState icon={IconKey} title={t('sftp.empty')} text={t('sftp.emptyText')} action={add} />
        )}
        {keys.length > 0 && (
          <ul className={classes.keys}>
            {keys.map((key) => (
              <li key={key.key}>
                <IconKey size={18} stroke={1.7} aria-hidden className={classes.icon} />
                <div className={classes.words}>
                  <bdi className={classes.name}>{key.name}</bdi>
                  <Token mono>{shortKey(key.key)}</Token>
                </div>
                <Tooltip label={t('sftp.removeAction')}>
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    aria-label={t('sftp.remove', { name: key.name })}
                    onClick={() => setLeaving(key)}
                    disabled={!mayWrite}
                  >
                    <IconTrash size={17} />
                  </ActionIcon>
                </Tooltip>
              </li>
            ))}
          </ul>
        )}
      </Section>
      {keys.length > 0 && <HowTo user={site.linuxUser} />}
      <ConfirmDialog
        isOpen={leaving !== null}
        title={t('sftp.removeTitle')}
        confirmLabel={t('sftp.removeAction')}
        isDangerous
        isBusy={update.isPending}
        onClose={() => setLeaving(null)}
        onConfirm={() =>
          put(
            keys.filter(({ key }) => key !== leaving?.key),
            t('sftp.removed'),
          )
        }
      >
        {t('sftp.removeText')}
      </ConfirmDialog>
    </Stack>
  );
}

/** Kind and end of a key: enough to tell it from others. */
function shortKey(key: string): string {
  const [kind = '', data = ''] = key.split(' ');
  return `${kind} …${data.slice(-16)}`;
}

function HowTo({ user }: { readonly user: string }) {
  const { t } = useTranslation();
  const host = window.location.hostname.replace(/^\[|\]$/g, '');
  const command = `sftp ${user}@${host}`;
  return (
    <Section title={t('sftp.connect')} description={user === '' ? t('sftp.noUser') : t('sftp.connectText')}>
      {user !== '' && (
        <Group gap="xs">
          <Token mono>{command}</Token>
          <CopyButton value={command} />
        </Group>
      )}
    </Section>
  );
}

function NewKey({
  keys,
  error,
  isBusy,
  onAdd,
  onClose,
}: {
  readonly keys: readonly Key[];
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onAdd: (key: Key) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const fieldErrors = useFieldErrors();
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [isTried, setIsTried] = useState(false);
  const parsed = parseSshKey(text);
  const isTwice = parsed.ok && keys.some(({ key }) => key === parsed.key);
  const keyCode = !parsed.ok ? parsed.code : isTwice ? 'ssh_key_twice' : undefined;
  const sent = error === null ? {} : fieldErrors(error);
  const ofServer = Object.entries(sent).find(([field]) => field.startsWith('sftp.keys'))?.[1];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (parsed.ok && !isTwice && name.trim() !== '') onAdd({ name: name.trim(), key: parsed.key });
  };
  return (
    <form onSubmit={submit} noValidate className={classes.form} aria-label={t('sftp.addTitle')}>
      <TextInput
        label={t('sftp.name')}
        description={t('sftp.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={isTried && name.trim() === '' ? fieldText(t, 'required') : undefined}
        maxLength={60}
        dir="auto"
        data-autofocus
      />
      <Textarea
        label={t('sftp.key')}
        description={t('sftp.keyHint')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={isTried && keyCode !== undefined ? fieldText(t, text.trim() === '' ? 'required' : keyCode) : ofServer}
        autosize
        minRows={3}
        maxRows={8}
        dir="ltr"
        spellCheck={false}
        classNames={{ input: classes.mono ?? '' }}
        placeholder="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…"
      />
      <Group gap="xs">
        <Button type="submit" loading={isBusy}>
          {t('sftp.add')}
        </Button>
        <Button variant="default" onClick={onClose} disabled={isBusy}>
          {t('common.actions.cancel')}
        </Button>
      </Group>
    </form>
  );
}
