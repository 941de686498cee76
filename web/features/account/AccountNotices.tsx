import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { useDeviceName } from '../../ui/DeviceName.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { useDismissNotice } from './account.queries.ts';
import classes from './AccountPage.module.css';
import { noticeText, noticeTitle } from './notice-texts.ts';

/** What happened to the account, until the person has put it away. */
export function AccountNotices() {
  const { t } = useTranslation();
  const { notices } = useMe();
  const format = useFormat();
  const deviceName = useDeviceName();
  const dismiss = useDismissNotice();
  if (notices.length === 0) return null;
  return (
    <div className={classes.notices}>
      {notices.map((notice) => (
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
    </div>
  );
}
