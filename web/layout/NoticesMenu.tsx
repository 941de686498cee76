import {
  ActionIcon,
  Box,
  Button,
  Group,
  Indicator,
  Popover,
  Stack,
  Text,
  Tooltip,
  UnstyledButton,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBell } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/session.ts';
import { noticeTitle } from '../features/account/notice-texts.ts';
import { useFormat } from '../ui/format.ts';
import { Status } from '../ui/Status.tsx';
import classes from './NoticesMenu.module.css';
import { notices, openJobs } from './panels.ts';
import { useStore } from './store.ts';
import { useTroubles } from './trouble-notices.ts';

export function NoticesMenu() {
  const { t } = useTranslation();
  const format = useFormat();
  const [isOpen, popover] = useDisclosure(false);
  const list = useStore(notices);
  // Of the account: they stay until the person puts them away there.
  const own = useMe().notices;
  const { backups, certificates, cron } = useTroubles();
  const isTroubled = backups.length + certificates.length + cron.length > 0;
  const isQuiet = list.length === 0 && own.length === 0 && !isTroubled;
  const hasUnread = own.length > 0 || isTroubled || list.some(({ isRead }) => !isRead);
  const close = (): void => {
    popover.close();
    notices.set((before) => before.map((notice) => ({ ...notice, isRead: true })));
  };
  return (
    <Popover
      opened={isOpen}
      onChange={(next) => (next ? popover.open() : close())}
      width={340}
      position="bottom-end"
      shadow="md"
      radius="md"
      trapFocus
    >
      <Popover.Target>
        <Tooltip label={t('shell.top.notifications')} disabled={isOpen}>
          <Indicator disabled={!hasUnread} size={8} offset={6} color="red">
            <ActionIcon
              size="lg"
              aria-label={t('shell.top.notifications')}
              onClick={() => (isOpen ? close() : popover.open())}
            >
              <IconBell size={20} stroke={1.7} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('shell.notifications.title')}>
        <Group justify="space-between" px="md" py="xs" className={classes.head}>
          <Text fw={600} size="sm">
            {t('shell.notifications.title')}
          </Text>
          {list.length > 0 && (
            <Button variant="subtle" size="compact-xs" color="gray" onClick={() => notices.set([])}>
              {t('shell.notifications.clear')}
            </Button>
          )}
        </Group>
        {own.map((notice) => (
          <UnstyledButton
            key={notice.id}
            className={classes.notice}
            data-unread
            onClick={close}
            renderRoot={(props) => (
              <Link to="/account" hash={notice.kind === 'few_recovery_codes' ? 'security' : 'sessions'} {...props} />
            )}
          >
            <Status tone="warn">{noticeTitle(t, notice, format)}</Status>
            <Text size="xs" c="dimmed" ms={15}>
              {format.ago(notice.at)}
            </Text>
          </UnstyledButton>
        ))}
        {isTroubled && (
          <Box className={classes.list}>
            {certificates.map(({ certificateId, name, kind, stage, at }) => (
              <UnstyledButton
                key={`${certificateId} ${kind}`}
                className={classes.notice}
                data-unread
                onClick={close}
                renderRoot={(props) => <Link to={kind === 'fallen_back' ? '/doors' : '/certificates'} {...props} />}
              >
                <Status tone={stage === 'twelfth' || stage === 'over' ? 'bad' : 'warn'}>
                  {t(`shell.notifications.certificates.${kind === 'ending' ? (stage ?? 'third') : kind}`, { name })}
                </Status>
                <Text size="xs" c="dimmed" ms={15}>
                  {format.ago(at)}
                </Text>
              </UnstyledButton>
            ))}
            {cron.map(({ jobId, name, at }) => (
              <UnstyledButton
                key={jobId}
                className={classes.notice}
                data-unread
                onClick={close}
                renderRoot={(props) => <Link to="/cron/$jobId" params={{ jobId }} {...props} />}
              >
                <Status tone="bad">{t('shell.notifications.cron', { name })}</Status>
                <Text size="xs" c="dimmed" ms={15}>
                  {format.ago(at)}
                </Text>
              </UnstyledButton>
            ))}
            {backups.map((trouble) => (
              <UnstyledButton
                key={`${trouble.kind} ${trouble.name}`}
                className={classes.notice}
                data-unread
                onClick={close}
                renderRoot={(props) =>
                  trouble.runId === null ? (
                    <Link to="/backups" {...props} />
                  ) : (
                    <Link to="/backups/runs" search={{ run: trouble.runId }} {...props} />
                  )
                }
              >
                <Status tone={trouble.kind === 'run_failed' || trouble.kind === 'proof_failed' ? 'bad' : 'warn'}>
                  {t(`shell.notifications.backups.${trouble.kind}`, { name: trouble.name })}
                </Status>
                <Text size="xs" c="dimmed" ms={15}>
                  {format.ago(trouble.at)}
                </Text>
              </UnstyledButton>
            ))}
          </Box>
        )}
        {isQuiet ? (
          <Stack gap={4} align="center" px="lg" py="xl">
            <Text size="sm" fw={600}>
              {t('shell.notifications.empty')}
            </Text>
            <Text size="xs" c="dimmed" ta="center">
              {t('shell.notifications.emptyHint')}
            </Text>
          </Stack>
        ) : list.length === 0 ? null : (
          <Box className={classes.list}>
            {list.map((notice) => (
              <UnstyledButton
                key={notice.id}
                className={classes.notice}
                data-unread={!notice.isRead || undefined}
                onClick={() => {
                  close();
                  if (notice.jobId !== undefined) openJobs(notice.jobId);
                }}
              >
                <Status tone={notice.tone}>{notice.title}</Status>
                <Text size="xs" c="dimmed" ms={15}>
                  {format.ago(notice.at)}
                </Text>
              </UnstyledButton>
            ))}
          </Box>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
