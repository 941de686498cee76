import { Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { elevatedForMs } from '../api/elevation.ts';
import { useMe } from '../api/session.ts';
import { useEndElevation } from '../features/accounts/factors.queries.ts';
import { clockOf } from '../features/accounts/use-wait.ts';
import { useNow } from '../features/jobs/use-now.ts';
import { useFormat } from '../ui/format.ts';
import classes from './ElevationBadge.module.css';

/** While dangerous actions need no further confirmation: how long still, and the way to end it. */
export function ElevationBadge() {
  const { elevatedUntil } = useMe();
  // Each confirmation begins with the time of its own.
  return elevatedUntil === null ? null : <Left key={elevatedUntil} until={elevatedUntil} />;
}

function Left({ until }: { readonly until: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(elevatedForMs(until) > 0);
  const end = useEndElevation();
  const left = Math.ceil(elevatedForMs(until, now) / 1000);
  if (left <= 0) return null;
  const clock = clockOf(left, (value) => format.number(value));
  return (
    <Menu width={260}>
      <Menu.Target>
        <Tooltip label={t('accounts.elevation.badge', { time: clock })}>
          <UnstyledButton className={classes.badge} aria-label={t('accounts.elevation.badge', { time: clock })}>
            <IconShieldCheck size={17} stroke={1.8} aria-hidden />
            <bdi dir="ltr" className="numbers">
              {clock}
            </bdi>
          </UnstyledButton>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs" component="span">
            {t('accounts.elevation.badgeText')}
          </Text>
        </Menu.Label>
        <Menu.Item leftSection={<IconShieldOff size={17} stroke={1.7} aria-hidden />} onClick={() => end.mutate()}>
          {t('accounts.elevation.end')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
