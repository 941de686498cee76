import { Button } from '@mantine/core';
import { IconAlertTriangle, IconAlertTriangleFilled } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import { InstallButton } from '../software/InstallButton.tsx';
import classes from './Attention.module.css';
import { bytesPercent, inodesPercent, levelOf, shownPercent, type Level } from './levels.ts';
import type { SystemInfo } from './MachineFacts.tsx';

type AttentionProps = { readonly info: SystemInfo | undefined; readonly disks: SystemSample['disks'] };
type Item = { readonly key: string; readonly level: Level; readonly text: string; readonly action?: ReactNode };

/** What somebody should look at; not there at all while everything is well. */
export function Attention({ info, disks }: AttentionProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const nginx = info?.services.find(({ name }) => name === 'nginx')?.state;
  const failed = info?.siteCounts.failed ?? 0;
  const items: Item[] = [];
  if (nginx === 'not_installed') {
    items.push({
      key: 'nginx',
      level: 'warn',
      text: t('dashboard.attention.nginxMissing'),
      action: <InstallButton name="nginx" size="compact-sm" />,
    });
  }
  if (nginx === 'stopped') {
    items.push({
      key: 'nginx',
      level: 'bad',
      text: t('dashboard.attention.nginxStopped'),
      action: (
        <Button component={Link} to="/software" size="compact-sm" variant="default">
          {t('dashboard.attention.toSoftware')}
        </Button>
      ),
    });
  }
  for (const disk of disks) {
    const { mount } = disk;
    const full = bytesPercent(disk);
    const files = inodesPercent(disk) ?? 0;
    if (levelOf(full) === 'bad') {
      const percent = format.percent(shownPercent(full));
      items.push({ key: `disk ${mount}`, level: 'bad', text: t('dashboard.attention.disk', { mount, percent }) });
    }
    if (levelOf(files) === 'bad') {
      const percent = format.percent(shownPercent(files));
      items.push({ key: `files ${mount}`, level: 'bad', text: t('dashboard.attention.inodes', { mount, percent }) });
    }
  }
  if (failed > 0) {
    items.push({
      key: 'sites',
      level: 'bad',
      text: t('dashboard.attention.failedSites', { count: failed, value: format.number(failed) }),
      action: (
        <Button
          size="compact-sm"
          variant="default"
          renderRoot={(props) => <Link to="/sites" search={{ state: 'failed' }} {...props} />}
        >
          {t('dashboard.attention.showSites')}
        </Button>
      ),
    });
  }
  if (items.length === 0) return null;
  return (
    <section className={classes.attention} aria-label={t('dashboard.attention.title')}>
      <ul className={classes.list}>
        {items.map(({ key, level, text, action }) => {
          const LevelIcon = level === 'bad' ? IconAlertTriangleFilled : IconAlertTriangle;
          return (
            <li key={key} className={classes.item} data-level={level}>
              <LevelIcon size={18} className={classes.icon} aria-hidden />
              <span className={classes.text}>{text}</span>
              {action}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
