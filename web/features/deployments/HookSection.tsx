import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconTrash, IconWebhook } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Deploy.module.css';
import { useMakeHook, useRemoveHook, type DeployHook } from './deployments.queries.ts';

/** The webhook of a site: a push deploys by itself. */
export function HookSection({ siteId, hook }: { readonly siteId: string; readonly hook: DeployHook | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('deployments.write');
  const make = useMakeHook(siteId);
  const remove = useRemoveHook(siteId);
  const [asking, setAsking] = useState<'replace' | 'remove' | null>(null);
  const failed = (error: unknown): void => sayFailed(t('deployments.hook.failed'), errorText(error));
  const begin = (): void => make.mutate(undefined, { onError: failed });
  return (
    <Section
      title={t('deployments.hook.title')}
      description={t('deployments.hook.text')}
      actions={
        <WhyNot reason={!mayWrite}>
          <Button
            variant="default"
            size="xs"
            disabled={!mayWrite}
            loading={make.isPending}
            leftSection={<IconWebhook size={16} aria-hidden />}
            onClick={() => (hook === null ? begin() : setAsking('replace'))}
          >
            {t(hook === null ? 'deployments.hook.make' : 'deployments.hook.replace')}
          </Button>
        </WhyNot>
      }
    >
      {hook === null ? (
        <Text size="sm" c="dimmed">
          {t('deployments.hook.none')}
        </Text>
      ) : (
        <Stack gap="sm">
          <div className={classes.secret} dir="ltr">
            <Token mono>{hook.url}</Token>
            <CopyButton value={hook.url} label={t('deployments.hook.copyUrl')} />
          </div>
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed" className="numbers">
              {hook.isWaiting
                ? t('deployments.hook.waiting')
                : hook.lastCalledAt === null
                  ? t('deployments.hook.never')
                  : t('deployments.hook.last', { at: format.dateTime(hook.lastCalledAt) })}
            </Text>
            {mayWrite && (
              <Button
                variant="subtle"
                color="red"
                size="xs"
                loading={remove.isPending}
                leftSection={<IconTrash size={15} aria-hidden />}
                onClick={() => setAsking('remove')}
              >
                {t('deployments.hook.remove')}
              </Button>
            )}
          </Group>
        </Stack>
      )}
      <ConfirmDialog
        isOpen={asking !== null}
        title={t(asking === 'remove' ? 'deployments.hook.removeTitle' : 'deployments.hook.replaceTitle')}
        confirmLabel={t(asking === 'remove' ? 'deployments.hook.remove' : 'deployments.hook.replace')}
        cancelLabel={t('common.actions.cancel')}
        isDangerous
        onClose={() => setAsking(null)}
        onConfirm={() => {
          setAsking(null);
          if (asking === 'remove') remove.mutate(undefined, { onError: failed });
          else begin();
        }}
      >
        {t(asking === 'remove' ? 'deployments.hook.removeText' : 'deployments.hook.replaceText')}
      </ConfirmDialog>
      {make.data !== undefined && (
        <FreshSecret url={make.data.hook.url} secret={make.data.secret} onClose={() => make.reset()} />
      )}
    </Section>
  );
}

function FreshSecret({
  url,
  secret,
  onClose,
}: {
  readonly url: string;
  readonly secret: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      // The secret cannot be shown again: a click beside the dialog must not lose it.
      closeOnClickOutside={false}
      closeOnEscape={false}
      onClose={onClose}
      size={640}
      title={
        <Text component="span" fw={600}>
          {t('deployments.hook.doneTitle')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      <Stack gap="md">
        <Notice tone="warn" title={t('deployments.hook.once')}>
          {t('deployments.hook.onceText')}
        </Notice>
        <Field label={t('deployments.hook.url')} value={url} />
        <Field label={t('deployments.hook.secret')} value={secret} />
        <Text size="sm" c="dimmed">
          {t('deployments.hook.where')}
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('deployments.hook.kept')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Field({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <div className={classes.secret} dir="ltr">
        <Token mono>{value}</Token>
        <CopyButton value={value} label={label} />
      </div>
    </div>
  );
}
