import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './SideSheet.module.css';

type SideSheetProps = {
  readonly title: ReactNode;
  readonly onClose: () => void;
  /** Stands still under what scrolls: buttons. */
  readonly footer?: ReactNode;
  readonly size?: number;
  /** False while a question lies over it. */
  readonly closesOnEscape?: boolean;
  readonly children: ReactNode;
};

/** One thing beside the page it belongs to; the whole screen on a phone. Shown while it is rendered. */
export function SideSheet({ title, onClose, footer, size = 560, closesOnEscape = true, children }: SideSheetProps) {
  const { t } = useTranslation();
  return (
    <Drawer.Root
      opened
      onClose={onClose}
      closeOnEscape={closesOnEscape}
      position="right"
      size={size}
      classNames={{ content: classes.content ?? '', body: classes.body ?? '' }}
    >
      <Drawer.Overlay backgroundOpacity={0.4} />
      <Drawer.Content>
        <div className={classes.header}>
          <Drawer.Title className={classes.title ?? ''}>{title}</Drawer.Title>
          <Drawer.CloseButton aria-label={t('common.actions.close')} size="lg" />
        </div>
        <Drawer.Body>{children}</Drawer.Body>
        {footer !== undefined && <div className={classes.footer}>{footer}</div>}
      </Drawer.Content>
    </Drawer.Root>
  );
}
