import { Checkbox } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '#shared/access.ts';
import { useFormat } from './format.ts';
import { areaNames, permissionAreas, permissionKey, type PermissionArea } from './permission-texts.ts';
import classes from './PermissionChoice.module.css';

type PermissionChoiceProps = {
  readonly value: readonly Permission[];
  readonly onChange: (value: Permission[]) => void;
  /** What the chooser may give: their own. The others are shown, disabled, with the reason. */
  readonly grantable: readonly Permission[];
  readonly label: string;
  readonly error?: string | undefined;
};

/** Permissions by area, each with a sentence about what it means: for roles and for the scopes of API tokens. */
export function PermissionChoice({ value, onChange, grantable, label, error }: PermissionChoiceProps) {
  const id = useId();
  const set = (permissions: readonly Permission[], isOn: boolean): void => {
    const rest = value.filter((each) => !permissions.includes(each));
    onChange(isOn ? [...rest, ...permissions] : rest);
  };
  return (
    <fieldset className={classes.choice} aria-describedby={error === undefined ? undefined : `${id}-error`}>
      <legend className={classes.legend}>{label}</legend>
      {error !== undefined && (
        <p id={`${id}-error`} className={classes.error} role="alert">
          {error}
        </p>
      )}
      <div className={classes.areas}>
        {areaNames.map((area) => (
          <Area key={area} area={area} value={value} grantable={grantable} onSet={set} />
        ))}
      </div>
    </fieldset>
  );
}

type AreaProps = Pick<PermissionChoiceProps, 'value' | 'grantable'> & {
  readonly area: PermissionArea;
  readonly onSet: (permissions: readonly Permission[], isOn: boolean) => void;
};

function Area({ area, value, grantable, onSet }: AreaProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const all: readonly Permission[] = permissionAreas[area];
  const giveable = all.filter((permission) => grantable.includes(permission));
  const chosen = all.filter((permission) => value.includes(permission));
  const isFull = giveable.length > 0 && giveable.every((permission) => value.includes(permission));
  return (
    <div className={classes.area}>
      <div className={classes.head}>
        <Checkbox
          size="sm"
          checked={isFull}
          indeterminate={chosen.length > 0 && !isFull}
          disabled={giveable.length === 0}
          onChange={() => onSet(giveable, !isFull)}
          aria-label={t('people.areas.all', { area: t(`people.areas.${area}`) })}
          label={t(`people.areas.${area}`)}
          classNames={{ label: classes.areaName ?? '' }}
        />
        <span className={`${classes.count} numbers`}>
          {t('people.areas.chosen', { chosen: format.number(chosen.length), total: format.number(all.length) })}
        </span>
      </div>
      {all.map((permission) => {
        const key = permissionKey(permission);
        const isGiveable = grantable.includes(permission);
        return (
          <Checkbox
            key={permission}
            size="sm"
            className={classes.permission ?? ''}
            checked={value.includes(permission)}
            // What is there already can always be taken away.
            disabled={!isGiveable && !value.includes(permission)}
            onChange={(event) => onSet([permission], event.currentTarget.checked)}
            label={t(`people.permissions.${key}.name`)}
            description={isGiveable ? t(`people.permissions.${key}.text`) : t('people.notYours')}
          />
        );
      })}
    </div>
  );
}

/** The same in words only, for reading: what a role or token may do. */
export function PermissionList({ permissions }: { readonly permissions: readonly Permission[] }) {
  const { t } = useTranslation();
  return (
    <dl className={classes.list}>
      {areaNames.map((area) => {
        const held = permissionAreas[area].filter((permission) => permissions.includes(permission));
        if (held.length === 0) return null;
        return (
          <div key={area}>
            <dt>{t(`people.areas.${area}`)}</dt>
            {held.map((permission) => (
              <dd key={permission}>
                {t(`people.permissions.${permissionKey(permission)}.name`)}
                <span>{t(`people.permissions.${permissionKey(permission)}.text`)}</span>
              </dd>
            ))}
          </div>
        );
      })}
    </dl>
  );
}
