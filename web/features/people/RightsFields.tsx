import { Radio, Switch } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { isBuiltInRole } from '#shared/access.ts';
import type { RoleRow } from '#shared/people.ts';
import { useMe } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { PermissionList } from '../../ui/PermissionChoice.tsx';
import { roleTitle } from '../../ui/permission-texts.ts';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { rolesQuery } from './people.queries.ts';
import { roleBarrier } from './person-state.ts';
import classes from './RightsFields.module.css';
import { SitesPicker } from './SitesPicker.tsx';

export type Rights = {
  readonly role: string;
  readonly mustHaveSecondFactor: boolean;
  readonly siteIds: readonly string[];
};

type RightsFieldsProps = {
  readonly value: Rights;
  readonly onChange: (change: Partial<Rights>) => void;
  readonly isDisabled?: boolean;
  /** The role stays: one's own account. */
  readonly isRoleFixed?: boolean;
  readonly errors: Readonly<Record<string, string>>;
};

/** What somebody may do: their role with its meaning, on which sites, and how well they must prove who they are. */
export function RightsFields({ value, onChange, isDisabled = false, isRoleFixed = false, errors }: RightsFieldsProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(rolesQuery);
  if (data === undefined) {
    return error === null ? <LoadingRows rows={4} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  const chosen = data.items.find(({ id }) => id === value.role);
  return (
    <div className={classes.fields}>
      <Radio.Group
        label={t('people.form.role')}
        value={value.role}
        onChange={(role) => onChange({ role })}
        error={errors['role']}
      >
        <div className={classes.roles}>
          {data.items.map((role) => (
            <RoleOption key={role.id} role={role} isDisabled={isDisabled || isRoleFixed} />
          ))}
        </div>
      </Radio.Group>
      {chosen !== undefined && (
        <details className={classes.more}>
          <summary>
            <IconChevronRight size={15} className="mirrored" aria-hidden />
            {t('people.form.more')}
          </summary>
          <PermissionList permissions={chosen.permissions} />
        </details>
      )}
      {chosen?.siteScope === 'assigned' && (
        <SitesPicker
          value={value.siteIds}
          onChange={(siteIds) => onChange({ siteIds })}
          isDisabled={isDisabled}
          error={errors['siteIds']}
        />
      )}
      <Switch
        label={t('people.form.secondFactor')}
        description={t('people.form.secondFactorHint')}
        checked={value.mustHaveSecondFactor}
        onChange={(event) => onChange({ mustHaveSecondFactor: event.currentTarget.checked })}
        disabled={isDisabled}
      />
    </div>
  );
}

function RoleOption({ role, isDisabled }: { readonly role: RoleRow; readonly isDisabled: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const barrier = roleBarrier(role, { role: me.person.role, permissions: me.permissions });
  const count = t('people.roles.all', {
    count: role.permissions.length,
    value: format.number(role.permissions.length),
  });
  const scope = t(role.siteScope === 'all' ? 'people.form.allSites' : 'people.form.assignedSites');
  const meaning = isBuiltInRole(role.id) ? t(`people.roles.meanings.${role.id}`) : `${count} · ${scope}`;
  const why = { ownerOnly: t('people.form.ownerOption'), moreThanOwn: t('people.form.moreThanOwn') };
  return (
    <Radio
      className={classes.role ?? ''}
      value={role.id}
      disabled={isDisabled || barrier !== null}
      label={<bdi>{roleTitle(t, role.id, role.name)}</bdi>}
      description={barrier === null ? meaning : why[barrier]}
    />
  );
}
