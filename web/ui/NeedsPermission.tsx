import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '#shared/access.ts';
import { useCan } from '../api/session.ts';
import { Page } from './Page.tsx';
import { permissionKey } from './permission-texts.ts';
import { Section } from './Section.tsx';
import { EmptyState } from './States.tsx';

type NeedsPermissionProps = {
  readonly permission: Permission;
  /** Of the page that would be here. */
  readonly title: string;
  readonly children: ReactNode;
};

/** The page, or why this person does not see it: somebody sent them its address. */
export function NeedsPermission({ permission, title, children }: NeedsPermissionProps) {
  const { t } = useTranslation();
  if (useCan()(permission)) return children;
  return (
    <Page title={title}>
      <Section padding="flush">
        <EmptyState
          icon={IconLock}
          title={t('common.states.needsPermission')}
          text={t('common.states.needsPermissionText', {
            permission: t(`people.permissions.${permissionKey(permission)}.name`),
          })}
        />
      </Section>
    </Page>
  );
}
