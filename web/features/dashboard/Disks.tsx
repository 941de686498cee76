import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import { Meter } from '../../ui/Meter.tsx';
import { Section } from '../../ui/Section.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './Disks.module.css';
import { bytesPercent, inodesPercent, levelOf, shownPercent, type Level } from './levels.ts';

type Disk = SystemSample['disks'][number];

const colors: Record<Level, string> = {
  good: 'var(--app-chart-1)',
  warn: 'var(--app-warn)',
  bad: 'var(--app-bad)',
};

type DisksProps = { readonly disks: readonly Disk[] | undefined; readonly isStale: boolean };

/** How full each file system is: bytes, and where they are limited the number of files. */
export function Disks({ disks, isStale }: DisksProps) {
  const { t } = useTranslation();
  return (
    <Section title={t('dashboard.disks.title')}>
      {disks === undefined ? (
        <Skeleton height={62} radius="sm" />
      ) : disks.length === 0 ? (
        <p className={classes.none}>{t('dashboard.disks.none')}</p>
      ) : (
        <ul className={classes.disks} data-stale={isStale || undefined}>
          {disks.map((disk) => (
            <DiskLine key={disk.mount} disk={disk} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function DiskLine({ disk }: { readonly disk: Disk }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { mount, device, fsType, usedBytes, availableBytes } = disk;
  const bytes = bytesPercent(disk);
  const files = inodesPercent(disk);
  const level = levelOf(bytes);
  const filesLevel = levelOf(files ?? 0);
  const percent = format.percent(shownPercent(bytes));
  const filesPercent = files === undefined ? undefined : format.percent(shownPercent(files));
  return (
    <li>
      <div className={classes.head}>
        <span className={classes.mount} dir="ltr" title={`${mount} · ${device} · ${fsType}`}>
          <Token>{mount}</Token>
        </span>
        {level !== 'good' && (
          <span className={classes.level} data-level={level}>
            {t(`dashboard.disks.levels.${level}`)}
          </span>
        )}
        <span className={classes.percent}>{percent}</span>
      </div>
      <Meter
        parts={[{ percent: bytes, color: colors[level] }]}
        label={t('dashboard.disks.usage', { mount, percent })}
      />
      <div className={classes.foot}>
        <span>
          {t('dashboard.disks.of', { used: format.bytes(usedBytes), total: format.bytes(usedBytes + availableBytes) })}
        </span>
        {filesPercent !== undefined && (
          <span className={classes.files} data-level={filesLevel}>
            {t('dashboard.disks.inodes', { percent: filesPercent })}
          </span>
        )}
      </div>
      {filesPercent !== undefined && filesLevel !== 'good' && (
        <Meter
          size="thin"
          parts={[{ percent: files ?? 0, color: colors[filesLevel] }]}
          label={t('dashboard.disks.inodesUsage', { mount, percent: filesPercent })}
        />
      )}
    </li>
  );
}
