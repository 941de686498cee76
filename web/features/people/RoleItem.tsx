import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconPencil, IconTrash } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isBuiltInRole } from '#shared/access.ts';
import type { RoleRow } from '#shared/people.ts';
import { finish } from '../../api/finish.ts';
import { useCan, useMe } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { PermissionList } from '../../ui/PermissionChoice.tsx';
import { roleTitle } from '../../ui/permission-texts.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useDeleteRole } from './people.queries.ts';
import { roleBarrier } from './person-state.ts';
import { RoleRecordingChoice } from './RoleRecordingChoice.tsx';
import classes from './Roles.module.css';

/** One role; opens to its permissions in words. `onEdit` only for the panel's own. */
export function RoleItem({ role, onEdit }: { readonly role: RoleRow; readonly onEdit?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const name = roleTitle(t, role.id, role.name);
  const count = t('people.roles.all', {
    count: role.permissions.length,
    value: format.number(role.permissions.length),
  });
  const people = t('people.roles.people', { count: role.personCount, value: format.number(role.personCount) });
  return (
    <li className={classes.role} data-open={isOpen || undefined}>
      <div className={classes.line}>
        <UnstyledButton
          className={classes.head ?? ''}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setIsOpen((before) => !before)}
        >
          <IconChevronRight size={16} className={`${classes.chevron} mirrored`} aria-hidden />
          <span className={classes.words}>
            <span className={classes.name}>
              <bdi>{name}</bdi>
            </span>
            <span className={classes.meaning}>
              {isBuiltInRole(role.id) ? t(`people.roles.meanings.${role.id}`) : count}
            </span>
          </span>
          <span className={classes.scope}>{t(`people.roles.scopes.${role.siteScope}`)}</span>
          <span className={`${classes.count} numbers`}>{people}</span>
        </UnstyledButton>
        {onEdit === undefined ? (
          <div className={classes.actions} />
        ) : (
          <RoleActions role={role} name={name} onEdit={onEdit} />
        )}
      </div>
      <div id={id} className={classes.more} hidden={!isOpen}>
        {isOpen && role.permissions.includes('terminals.use') && <RoleRecordingChoice role={role} name={name} />}
        {isOpen && <PermissionList permissions={role.permissions} />}
      </div>
    </li>
  );
}

type RoleActionsProps = { readonly role: RoleRow; readonly name: string; readonly onEdit: () => void };

function RoleActions({ role, name, onEdit }: RoleActionsProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const me = useMe();
  const mayWrite = useCan()('people.write');
  const remove = useDeleteRole();
  const [isAsking, setIsAsking] = useState(false);
  const barrier = roleBarrier(role, { role: me.person.role, permissions: me.permissions });
  const whyNot = !mayWrite ? true : barrier === null ? false : t('people.form.moreThanOwn');
  const whyKept = whyNot !== false ? whyNot : role.personCount > 0 ? t('people.roles.inUse') : false;
  const edit = t('people.roles.edit', { name });
  const confirm = (): void =>
    finish(remove, role.id, {
      onSuccess: () => sayDone(t('people.roles.deleted', { name })),
      onError: (error) => sayFailed(t('people.roles.deleteFailed'), errorText(error)),
      onSettled: () => setIsAsking(false),
    });
  return (
    <div className={classes.actions}>
      <WhyNot reason={whyNot}>
        <Tooltip label={edit} disabled={whyNot !== false}>
          <ActionIcon size="lg" aria-label={edit} disabled={whyNot !== false} onClick={onEdit}>
            <IconPencil size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </WhyNot>
      <WhyNot reason={whyKept}>
        <Tooltip label={t('people.roles.delete')} disabled={whyKept !== false}>
          <ActionIcon
            size="lg"
            aria-label={`${t('people.roles.delete')}: ${name}`}
            disabled={whyKept !== false}
            onClick={() => setIsAsking(true)}
          >
            <IconTrash size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('people.roles.deleteTitle', { name })}
        confirmLabel={t('people.roles.delete')}
        isDangerous
        isBusy={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        {t('people.roles.deleteText')}
      </ConfirmDialog>
    </div>
  );
}
