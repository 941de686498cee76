import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageItem } from '#shared/file-usage.ts';
import { useFormat } from '../../ui/format.ts';
import filesClasses from './Files.module.css';
import classes from './UsageSheet.module.css';

type UsageLineProps = {
  readonly icon: Icon;
  /** Absent: the name says it. */
  readonly type?: Exclude<UsageItem['type'], 'bin'>;
  readonly name: ReactNode;
  readonly size: string;
  /** Of the whole, as a number and as a bar. */
  readonly percent?: number | undefined;
  readonly sub?: string | undefined;
  readonly action?: ReactNode;
};

/** Name, size and share in words, and the share as a bar besides. */
export function UsageLine({ icon: LineIcon, type, name, size, percent, sub, action }: UsageLineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = type === undefined ? { 'aria-hidden': true } : { 'aria-label': t(`files.types.${type}`), role: 'img' };
  return (
    <li className={classes.item}>
      <LineIcon size={17} className={filesClasses.icon} data-type={type} {...label} />
      <div className={classes.main}>
        <div className={classes.line}>
          <span className={classes.name}>{name}</span>
          <span className={`${classes.size} numbers`}>
            {size}
            {percent !== undefined && (
              <span className={classes.share}>{format.percent(percent, percent < 10 ? 1 : 0)}</span>
            )}
          </span>
        </div>
        {percent !== undefined && (
          <div className={classes.track} aria-hidden>
            {percent > 0 && <span className={classes.fill} data-type={type} style={{ width: `${percent}%` }} />}
          </div>
        )}
        {sub !== undefined && <span className={`${classes.sub} numbers`}>{sub}</span>}
      </div>
      {action}
    </li>
  );
}

export const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : Math.min(100, (part / whole) * 100));
