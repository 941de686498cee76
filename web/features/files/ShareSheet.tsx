import { ActionIcon, Button, Group, Input, SegmentedControl, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconWand } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileLink } from '#shared/file-links.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { LinkBox } from '../../ui/LinkBox.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { makePassword } from '../sites/behaviour/typed-passwords.ts';
import { useMakeLink } from './file-links.queries.ts';
import classes from './FileLinks.module.css';

type ShareSheetProps = { readonly siteId: string; readonly path: string; readonly onClose: () => void };

const formId = 'share-form';
/** As `shared/file-links.ts` has them, whose schemas do not go into the browser. */
const choices = { h1: 1, h24: 24, h168: 168, h720: 720 } as const;
const shortest = 8;
const mostDownloads = 10_000;

/** How long and how often a file may be had by a link; ends with the link, shown this once. */
export function ShareSheet({ siteId, path, onClose }: ShareSheetProps) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const make = useMakeLink(siteId);
  const [lasts, setLasts] = useState<keyof typeof choices>('h24');
  const [password, setPassword] = useState('');
  const [typedMost, setTypedMost] = useState('');
  const [isTried, setIsTried] = useState(false);
  const most = typedMost.trim() === '' ? null : /^\d{1,6}$/.test(typedMost.trim()) ? Number(typedMost) : 0;
  const isPasswordGood = password === '' || password.length >= shortest;
  const isMostGood = most === null || (most >= 1 && most <= mostDownloads);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setIsTried(true);
    if (!isPasswordGood || !isMostGood || make.isPending) return;
    make.mutate({ path, hours: choices[lasts], password: password === '' ? null : password, mostDownloads: most });
  }

  if (make.data !== undefined)
    return (
      <SideSheet
        title={t('fileLinks.shareTitle')}
        onClose={onClose}
        footer={
          <Button variant="default" onClick={onClose}>
            {t('common.actions.close')}
          </Button>
        }
      >
        <MadeLink url={make.data.url} link={make.data.link} password={password} />
      </SideSheet>
    );
  return (
    <SideSheet
      title={t('fileLinks.shareTitle')}
      onClose={onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={make.isPending}>
            {t('fileLinks.make')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="lg">
          <div className={classes.file}>
            <ForeignText max={200}>{path}</ForeignText>
          </div>
          <Text size="sm">{t('fileLinks.intro')}</Text>
          <Input.Wrapper label={t('fileLinks.lasts')}>
            <SegmentedControl
              key={i18n.language}
              fullWidth
              aria-label={t('fileLinks.lasts')}
              value={lasts}
              onChange={(value) => setLasts(value as keyof typeof choices)}
              data={(['h1', 'h24', 'h168', 'h720'] as const).map((value) => ({
                value,
                label: t(`fileLinks.hours.${value}`),
              }))}
            />
          </Input.Wrapper>
          <TextInput
            dir="ltr"
            label={t('fileLinks.password')}
            description={t('fileLinks.passwordHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={password}
            maxLength={128}
            autoComplete="off"
            spellCheck={false}
            error={isTried && !isPasswordGood ? t('fileLinks.passwordShort') : undefined}
            onChange={(event) => setPassword(event.currentTarget.value)}
            rightSection={
              <Tooltip label={t('fileLinks.generate')}>
                <ActionIcon aria-label={t('fileLinks.generate')} onClick={() => setPassword(makePassword())}>
                  <IconWand size={17} />
                </ActionIcon>
              </Tooltip>
            }
          />
          <TextInput
            dir="ltr"
            label={t('fileLinks.most')}
            description={t('fileLinks.mostHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={typedMost}
            maxLength={6}
            inputMode="numeric"
            error={
              isTried && !isMostGood ? t('fileLinks.mostWrong', { most: format.number(mostDownloads) }) : undefined
            }
            onChange={(event) => setTypedMost(event.currentTarget.value)}
          />
          <Text size="xs" c="dimmed">
            {t('fileLinks.follows')}
          </Text>
          {make.error !== null && (
            <Notice tone="bad" role="alert" title={t('fileLinks.failed')}>
              {errorText(make.error)}
            </Notice>
          )}
        </Stack>
      </form>
    </SideSheet>
  );
}

type MadeLinkProps = { readonly url: string; readonly link: FileLink; readonly password: string };

function MadeLink({ url, link, password }: MadeLinkProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Stack gap="lg">
      <div className={classes.file}>
        <ForeignText max={200}>{link.path}</ForeignText>
      </div>
      <LinkBox
        label={t('fileLinks.made')}
        url={url}
        copy={[t('fileLinks.copy'), t('fileLinks.copied')]}
        testId="file-link"
      >
        {link.hasPassword && (
          <Group gap={8}>
            <Text size="sm">{t('fileLinks.password')}</Text>
            <Token mono>{password}</Token>
            <CopyButton value={password} label={t('fileLinks.copyPassword')} />
          </Group>
        )}
        <Text size="sm">{t('fileLinks.once')}</Text>
        <Text size="xs" c="dimmed">
          {t('fileLinks.until', { time: format.dateTime(link.expiresAt) })}
        </Text>
      </LinkBox>
    </Stack>
  );
}
