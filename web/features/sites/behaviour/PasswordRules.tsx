import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconDice5, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PasswordRule } from '#shared/behaviour/passwords.ts';
import { useFormat } from '../../../ui/format.ts';
import { Notice } from '../../../ui/Notice.tsx';
import { PasswordField } from '../../../ui/PasswordField.tsx';
import { Token } from '../../../ui/Token.tsx';
import { useSite } from '../site-context.ts';
import { PathInput } from './PathInput.tsx';
import { LinesInput } from './LinesInput.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';
import { makePassword, type UserDraft } from './typed-passwords.ts';

const freshUser: UserDraft = { name: '', passwordId: '', password: '' };

/** Paths that ask for a name and a password. */
export function PasswordRules({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const site = useSite();
  const { passwords } = draft;
  return (
    <RuleGroup title={t('behaviour.passwords.title')} text={t('behaviour.passwords.text')}>
      {passwords.length > 0 && site.tls === null && <Notice tone="warn">{t('behaviour.passwords.plain')}</Notice>}
      <RuleList
        items={passwords}
        onChange={(list) => change({ passwords: list })}
        fresh={(): PasswordRule => ({ path: '/', realm: '', users: [freshUser], addresses: [], paths: [] })}
        addLabel={t('behaviour.passwords.add')}
        empty={t('behaviour.passwords.empty')}
        isOrdered={false}
        hasError={(index) => errorUnder(`passwords.${index}`) !== undefined}
        isFixed={isFixed}
        max={20}
        summary={({ path, users }) => (
          <>
            <Token mono>{path}</Token>
            <span>{t('behaviour.passwords.userCount', { value: format.number(users.length) })}</span>
          </>
        )}
      >
        {(rule, edit, index) => (
          <>
            <div className={classes.pair}>
              <PathInput
                value={rule.path}
                onChange={(path) => edit({ path })}
                error={errorAt(`passwords.${index}.path`)}
              />
              <TextInput
                label={t('behaviour.passwords.realm')}
                description={t('behaviour.passwords.realmText')}
                value={rule.realm}
                onChange={(event) => edit({ realm: event.currentTarget.value })}
                error={errorAt(`passwords.${index}.realm`)}
                dir="ltr"
              />
            </div>
            <Users rule={rule} edit={edit} errorAt={(field) => errorAt(`passwords.${index}.${field}`)} />
            <div className={classes.pair}>
              <LinesInput
                label={t('behaviour.passwords.addresses')}
                description={t('behaviour.passwords.addressesText')}
                placeholder="203.0.113.0/24"
                value={rule.addresses}
                onChange={(addresses) => edit({ addresses })}
                error={errorUnder(`passwords.${index}.addresses`)}
              />
              <LinesInput
                label={t('behaviour.passwords.paths')}
                description={t('behaviour.passwords.pathsText')}
                placeholder="/health"
                value={rule.paths}
                onChange={(paths) => edit({ paths })}
                error={errorUnder(`passwords.${index}.paths`)}
              />
            </div>
          </>
        )}
      </RuleList>
    </RuleGroup>
  );
}

type UsersProps = {
  readonly rule: PasswordRule;
  readonly edit: (part: Partial<PasswordRule>) => void;
  readonly errorAt: (field: string) => string | undefined;
};

/** A password that is set is never shown again: an empty field leaves it as it is. */
function Users({ rule, edit, errorAt }: UsersProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [shownAt, setShownAt] = useState<number | null>(null);
  const users: readonly UserDraft[] = rule.users;
  const set = (index: number, part: Partial<UserDraft>): void =>
    edit({ users: users.map((user, at) => (at === index ? { ...user, ...part } : user)) });
  return (
    <div>
      <p className={classes.label}>{t('behaviour.passwords.users')}</p>
      {users.map(({ name, passwordId, password = '' }, index) => {
        const number = format.number(index + 1);
        return (
          <div key={`user ${index}`} className={classes.user}>
            <TextInput
              className={classes.mono}
              aria-label={t('behaviour.passwords.name', { number })}
              placeholder={t('behaviour.passwords.namePlaceholder')}
              value={name}
              onChange={(event) => set(index, { name: event.currentTarget.value.trim() })}
              error={errorAt(`users.${index}.name`)}
              dir="ltr"
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
            />
            <PasswordField
              aria-label={t('behaviour.passwords.password', { number })}
              placeholder={t(passwordId === '' ? 'behaviour.passwords.choose' : 'behaviour.passwords.kept')}
              value={password}
              onChange={(event) => set(index, { password: event.currentTarget.value })}
              error={password === '' ? errorAt(`users.${index}.passwordId`) : problemOf(password)}
              visible={shownAt === index}
              onVisibilityChange={(isVisible) => setShownAt(isVisible ? index : null)}
              autoComplete="new-password"
              maxLength={128}
            />
            <Tooltip label={t('behaviour.passwords.make')}>
              <ActionIcon
                mt={3}
                aria-label={t('behaviour.passwords.makeFor', { number })}
                onClick={() => {
                  set(index, { password: makePassword() });
                  // It must be read once, to be handed on.
                  setShownAt(index);
                }}
              >
                <IconDice5 size={16} stroke={1.8} />
              </ActionIcon>
            </Tooltip>
            <ActionIcon
              mt={3}
              aria-label={t('behaviour.passwords.remove', { number })}
              disabled={users.length === 1}
              onClick={() => edit({ users: users.filter((_, at) => at !== index) })}
            >
              <IconX size={16} stroke={1.8} />
            </ActionIcon>
          </div>
        );
      })}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={users.length >= 100}
        onClick={() => edit({ users: [...users, freshUser] })}
      >
        {t('behaviour.passwords.addUser')}
      </Button>
    </div>
  );

  function problemOf(password: string): string | undefined {
    if (!/^[ -~]*$/.test(password)) return t('errors.fields.site_password_ascii');
    return password.length < 8 ? t('errors.fields.password_too_short') : undefined;
  }
}
