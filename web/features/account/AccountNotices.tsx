import { Anchor, Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { useDeviceName } from '../../ui/DeviceName.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { useDismissNotice } from './account.queries.ts';
import classes from './AccountPage.module.css';
import { noticeText, noticeTitle } from './notice-texts.ts';

/** More than these push the page away: the others are shown when they are asked for. */
const shownAtOnce = 2;

/** What happened to the account, until the person has put it away. */
export function AccountNotices() {
  const { t } = useTranslation();
  const { notices } = useMe();
  const format = useFormat();
  const deviceName = useDeviceName();
  const dismiss = useDismissNotice();
  const [isLong, setIsLong] = useState(false);
  const rest = isLong ? 0 : Math.max(0, notices.length - shownAtOnce);
  if (notices.length === 0) return null;
  return (
    <div className={classes.notices}>
      {notices.slice(0, notices.length - rest).map((notice) => (
        <Notice
          key={notice.id}
          tone="warn"
          title={noticeTitle(t, notice, format)}
          actions={
            <Button size="xs" variant="default" onClick={() => dismiss.mutate(notice.id)}>
              {t('accounts.notices.dismiss')}
            </Button>
          }
        >
          {noticeText(t, notice, format, deviceName)}
        </Notice>
      ))}
      {rest > 0 && (
        <Anchor component="button" type="button" size="sm" onClick={() => setIsLong(true)}>
          {t('accounts.notices.more', { count: rest, value: format.number(rest) })}
        </Anchor>
      )}
    </div>
  );
}
