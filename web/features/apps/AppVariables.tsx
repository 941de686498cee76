import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconLock, IconLockOpen, IconPlus, IconReplace, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { freshVariable, type DraftVariable } from './app-draft.ts';
import classes from './SiteApp.module.css';

type AppVariablesProps = {
  readonly items: readonly DraftVariable[];
  /** As they are stored: a value that was to be replaced can be kept after all. */
  readonly stored: readonly DraftVariable[];
  readonly onChange: (items: DraftVariable[]) => void;
  readonly errorOf: (index: number, part: 'name' | 'value') => string | undefined;
  readonly isFixed: boolean;
};

/** Names and values of the environment. A secret value is typed once and never seen again. */
export function AppVariables({ items, stored, onChange, errorOf, isFixed }: AppVariablesProps) {
  const { t } = useTranslation();
  const put = (index: number, part: Partial<DraftVariable>): void =>
    onChange(items.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <div>
      {items.length === 0 && <p className={classes.text}>{t('apps.form.empty')}</p>}
      <ul className={classes.variables}>
        {items.map((item, index) => {
          const kept = stored.find(({ name, secretId }) => secretId !== null && name === item.name)?.secretId ?? null;
          const field = { disabled: isFixed, dir: 'ltr', spellCheck: false, error: errorOf(index, 'value') } as const;
          return (
            // A variable has no name of its own while it is typed: its place is all it has.
            <li key={`variable ${index}`} className={classes.variable}>
              <TextInput
                aria-label={t('apps.form.name')}
                placeholder={t('apps.form.name')}
                classNames={{ input: classes.mono ?? '' }}
                value={item.name}
                onChange={(event) => put(index, { name: event.currentTarget.value.trim() })}
                error={errorOf(index, 'name')}
                disabled={isFixed}
                dir="ltr"
                spellCheck={false}
              />
              {item.secretId !== null ? (
                <TextInput
                  aria-label={t('apps.form.value')}
                  value={t('apps.form.kept')}
                  leftSection={<IconLock size={15} aria-hidden />}
                  readOnly
                  disabled={isFixed}
                />
              ) : item.isSecret ? (
                <PasswordField
                  {...field}
                  aria-label={t('apps.form.newValue')}
                  placeholder={t('apps.form.newValue')}
                  autoComplete="new-password"
                  value={item.value}
                  onChange={(event) => put(index, { value: event.currentTarget.value })}
                />
              ) : (
                <TextInput
                  {...field}
                  aria-label={t('apps.form.value')}
                  placeholder={t('apps.form.value')}
                  classNames={{ input: classes.mono ?? '' }}
                  value={item.value}
                  onChange={(event) => put(index, { value: event.currentTarget.value })}
                />
              )}
              <div className={classes.tools}>
                {item.secretId !== null ? (
                  <Tool
                    label={t('apps.form.replace')}
                    icon={IconReplace}
                    isFixed={isFixed}
                    onClick={() => put(index, { secretId: null, value: '' })}
                  />
                ) : item.isSecret && kept !== null ? (
                  <Tool
                    label={t('apps.form.keep')}
                    icon={IconArrowBackUp}
                    isFixed={isFixed}
                    onClick={() => put(index, { secretId: kept, value: '' })}
                  />
                ) : (
                  <Tool
                    label={t('apps.form.makeSecret')}
                    icon={item.isSecret ? IconLock : IconLockOpen}
                    isPressed={item.isSecret}
                    isFixed={isFixed}
                    onClick={() => put(index, { isSecret: !item.isSecret })}
                  />
                )}
                <Tool
                  label={t('apps.form.remove', { name: item.name })}
                  icon={IconTrash}
                  isFixed={isFixed}
                  onClick={() => onChange(items.filter((_, at) => at !== index))}
                />
              </div>
            </li>
          );
        })}
      </ul>
      <Button
        variant="default"
        size="xs"
        disabled={isFixed || items.length >= 200}
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() => onChange([...items, freshVariable])}
      >
        {t('apps.form.add')}
      </Button>
    </div>
  );
}

function Tool({
  label,
  icon: ToolIcon,
  isPressed,
  isFixed,
  onClick,
}: {
  readonly label: string;
  readonly icon: typeof IconTrash;
  readonly isPressed?: boolean;
  readonly isFixed: boolean;
  readonly onClick: () => void;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={isPressed === true ? 'light' : 'subtle'}
        color={isPressed === true ? 'brand' : 'gray'}
        aria-label={label}
        aria-pressed={isPressed}
        disabled={isFixed}
        onClick={onClick}
      >
        <ToolIcon size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
