import { Button, Checkbox, Group, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { IconWand } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { corsMethods, frameChoices, referrerChoices, type SecurityHeaders } from '#shared/behaviour/headers.ts';
import { Token } from '../../../ui/Token.tsx';
import { LinesInput } from './LinesInput.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

/** What hardly any site misses and what closes most doors. */
const recommended: Partial<SecurityHeaders> = {
  isNosniff: true,
  frame: 'sameorigin',
  referrer: 'strict-origin-when-cross-origin',
  permissions: 'camera=(), microphone=(), geolocation=()',
};

export function HeadersForm({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  const { security, headers, cors } = draft;
  const secure = (part: Partial<SecurityHeaders>): void => change({ security: { ...security, ...part } });
  const share = (part: Partial<typeof cors>): void => change({ cors: { ...cors, ...part } });
  return (
    <>
      <RuleGroup title={t('behaviour.headers.security')} text={t('behaviour.headers.securityText')}>
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconWand size={15} aria-hidden />}
            onClick={() => secure(recommended)}
          >
            {t('behaviour.headers.recommended')}
          </Button>
        </Group>
        <Switch
          label={t('behaviour.headers.nosniff')}
          description="X-Content-Type-Options"
          checked={security.isNosniff}
          onChange={(event) => secure({ isNosniff: event.currentTarget.checked })}
        />
        <div className={classes.pair}>
          <Select
            label={t('behaviour.headers.frame')}
            description="X-Frame-Options"
            data={frameChoices.map((value) => ({ value, label: t(`behaviour.headers.frames.${value}`) }))}
            value={security.frame}
            onChange={(value) => secure({ frame: frameChoices.find((each) => each === value) ?? 'off' })}
          />
          <Select
            label={t('behaviour.headers.referrer')}
            description="Referrer-Policy"
            data={referrerChoices.map((value) => ({
              value,
              label: value === 'off' ? t('behaviour.headers.none') : value,
            }))}
            value={security.referrer}
            onChange={(value) => secure({ referrer: referrerChoices.find((each) => each === value) ?? 'off' })}
          />
        </div>
        <TextInput
          className={classes.mono}
          label={t('behaviour.headers.permissions')}
          description="Permissions-Policy"
          placeholder="camera=(), microphone=()"
          value={security.permissions}
          onChange={(event) => secure({ permissions: event.currentTarget.value })}
          error={errorAt('security.permissions')}
          dir="ltr"
          spellCheck={false}
        />
        <Textarea
          className={classes.mono}
          label={t('behaviour.headers.contentPolicy')}
          description="Content-Security-Policy"
          placeholder="default-src 'self'; img-src * data:"
          value={security.contentPolicy}
          onChange={(event) => secure({ contentPolicy: event.currentTarget.value.replaceAll(/\s*\n\s*/g, ' ') })}
          error={errorAt('security.contentPolicy')}
          dir="ltr"
          spellCheck={false}
        />
      </RuleGroup>
      <RuleGroup title={t('behaviour.headers.own')} text={t('behaviour.headers.ownText')}>
        <RuleList
          items={headers}
          onChange={(items) => change({ headers: items })}
          fresh={() => ({ name: '', value: '' })}
          addLabel={t('behaviour.headers.add')}
          empty={t('behaviour.headers.empty')}
          isOrdered={false}
          hasError={(index) => errorUnder(`headers.${index}`) !== undefined}
          isFixed={isFixed}
          max={50}
          summary={({ name, value }) =>
            name === '' ? t('behaviour.headers.fresh') : <Token mono>{`${name}: ${value}`}</Token>
          }
        >
          {({ name, value }, edit, index) => (
            <div className={classes.pair}>
              <TextInput
                className={classes.mono}
                label={t('behaviour.headers.name')}
                placeholder="X-Robots-Tag"
                value={name}
                onChange={(event) => edit({ name: event.currentTarget.value.trim() })}
                error={errorAt(`headers.${index}.name`)}
                dir="ltr"
                spellCheck={false}
                withAsterisk
              />
              <TextInput
                className={classes.mono}
                label={t('behaviour.headers.value')}
                placeholder="noindex"
                value={value}
                onChange={(event) => edit({ value: event.currentTarget.value })}
                error={errorAt(`headers.${index}.value`)}
                dir="ltr"
                spellCheck={false}
                withAsterisk
              />
            </div>
          )}
        </RuleList>
      </RuleGroup>
      <RuleGroup title={t('behaviour.headers.cors')} text={t('behaviour.headers.corsText')}>
        <LinesInput
          label={t('behaviour.headers.origins')}
          description={t('behaviour.headers.originsText')}
          placeholder="https://app.example.com"
          value={cors.origins}
          onChange={(origins) => share({ origins })}
          error={errorUnder('cors.origins')}
        />
        {cors.origins.length > 0 && (
          <>
            <Checkbox.Group
              label={t('behaviour.headers.methods')}
              value={cors.methods}
              onChange={(values) => share({ methods: corsMethods.filter((method) => values.includes(method)) })}
            >
              <Group gap="md" mt={6} dir="ltr">
                {corsMethods.map((method) => (
                  <Checkbox key={method} value={method} label={method} />
                ))}
              </Group>
            </Checkbox.Group>
            <LinesInput
              label={t('behaviour.headers.requestHeaders')}
              placeholder="Content-Type"
              value={cors.headers}
              onChange={(list) => share({ headers: list })}
              error={errorUnder('cors.headers')}
            />
            <div className={classes.pair}>
              <NumberInput
                label={t('behaviour.headers.maxAge')}
                value={cors.maxAgeSeconds}
                onChange={(value) => share({ maxAgeSeconds: Number(value) || 0 })}
                min={0}
                max={86_400}
                allowDecimal={false}
                error={errorAt('cors.maxAgeSeconds')}
              />
            </div>
            <Switch
              label={t('behaviour.headers.credentials')}
              checked={cors.hasCredentials}
              onChange={(event) => share({ hasCredentials: event.currentTarget.checked })}
              error={errorAt('cors.hasCredentials')}
            />
          </>
        )}
      </RuleGroup>
    </>
  );
}
