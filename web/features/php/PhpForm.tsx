import { Button, Group, NativeSelect, NumberInput, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { phpErrorLevels, phpManagers, type SitePhp } from '#shared/site-php.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { useFieldErrors } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { ChangeRefused } from '../sites/ChangeRefused.tsx';
import { useSite } from '../sites/site-context.ts';
import { useSiteEdit } from '../sites/use-site-edit.ts';
import { linesOf, textOf } from './php-lines.ts';
import classes from './SitePhp.module.css';
import { PhpVersionSelect } from './PhpVersionSelect.tsx';

/** What is typed: lists are one text until they are sent. */
type Draft = Omit<SitePhp, 'disabledFunctions' | 'openFolders' | 'noScripts'> & {
  readonly disabledFunctions: string;
  readonly openFolders: string;
  readonly noScripts: string;
};

const numbers = {
  ini: ['memoryLimitMb', 'uploadMaxMb', 'postMaxMb', 'maxExecutionSeconds', 'maxInputVars'],
  pool: {
    ondemand: ['maxChildren', 'idleSeconds'],
    dynamic: ['maxChildren', 'minSpare', 'maxSpare'],
    static: ['maxChildren'],
  },
} as const;

const limitNames = ['memoryMb', 'cpuPercent'] as const;
const lists = ['disabledFunctions', 'noScripts', 'openFolders'] as const;

/** Everything of a site's PHP, saved together: the pool takes it up as a whole or keeps what it has. */
export function PhpForm({ php: stored }: { readonly php: SitePhp }) {
  const { t } = useTranslation();
  const fieldErrors = useFieldErrors();
  const site = useSite();
  const mayWrite = useCan()('sites.write');
  const edit = useSiteEdit<Draft>(site);
  const first = toDraft(stored);
  const draft = edit.draft ?? first;
  const isDirty = edit.draft !== null && JSON.stringify(fromDraft(draft)) !== JSON.stringify(stored);
  const change = (part: Partial<Draft>): void => {
    if (edit.draft === null) edit.start({ ...draft, ...part });
    else edit.setDraft({ ...draft, ...part });
  };
  const said = edit.error === null ? {} : fieldErrors(edit.error);
  const isSaidHere = edit.error !== null && toApiError(edit.error).fields.length > 0;
  const errorOf = (field: string): ReactNode =>
    said[`php.${field}`] ?? Object.entries(said).find(([name]) => name.startsWith(`php.${field}.`))?.[1];
  const number = (group: 'ini' | 'pool', name: string) => (
    <NumberInput
      key={name}
      label={t(`php.form.${name as 'memoryLimitMb'}`)}
      value={(draft[group] as Record<string, number | string | boolean>)[name] as number}
      onChange={(value) => change({ [group]: { ...draft[group], [name]: Number(value) } })}
      error={errorOf(`${group}.${name}`)}
      disabled={!mayWrite}
      allowDecimal={false}
      allowNegative={false}
      hideControls
    />
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (mayWrite && isDirty && !edit.isPending) edit.save({ php: fromDraft(draft) });
      }}
    >
      <Stack gap="lg">
        <Section title={t('php.form.versionTitle')} description={t('php.version.switchNote')}>
          <div className={classes.fields}>
            <PhpVersionSelect
              value={draft.version}
              onChange={(version) => change({ version })}
              error={said['php.version']}
              isDisabled={!mayWrite}
            />
          </div>
        </Section>
        <Section title={t('php.form.iniTitle')} description={t('php.form.iniText')}>
          <div className={classes.fields}>
            {numbers.ini.map((name) => number('ini', name))}
            <TextInput
              label={t('php.form.timeZone')}
              value={draft.ini.timeZone}
              onChange={(event) => change({ ini: { ...draft.ini, timeZone: event.currentTarget.value.trim() } })}
              error={errorOf('ini.timeZone')}
              disabled={!mayWrite}
              dir="ltr"
              spellCheck={false}
            />
            <NativeSelect
              label={t('php.form.errorLevel')}
              value={draft.ini.errorLevel}
              onChange={(event) => {
                const errorLevel = phpErrorLevels.find((level) => level === event.currentTarget.value);
                if (errorLevel !== undefined) change({ ini: { ...draft.ini, errorLevel } });
              }}
              data={phpErrorLevels.map((value) => ({ value, label: t(`php.form.errorLevels.${value}`) }))}
              disabled={!mayWrite}
            />
            <Switch
              className={classes.wide}
              label={t('php.form.isDisplayingErrors')}
              description={t('php.form.isDisplayingErrorsText')}
              checked={draft.ini.isDisplayingErrors}
              onChange={(event) => change({ ini: { ...draft.ini, isDisplayingErrors: event.currentTarget.checked } })}
              disabled={!mayWrite}
            />
          </div>
        </Section>
        <Section title={t('php.form.poolTitle')} description={t(`php.form.managers.${draft.pool.manager}Text`)}>
          <div className={classes.fields}>
            <NativeSelect
              label={t('php.form.manager')}
              value={draft.pool.manager}
              onChange={(event) => {
                const manager = phpManagers.find((each) => each === event.currentTarget.value);
                if (manager !== undefined) change({ pool: { ...draft.pool, manager } });
              }}
              data={phpManagers.map((value) => ({ value, label: t(`php.form.managers.${value}`) }))}
              disabled={!mayWrite}
            />
            {numbers.pool[draft.pool.manager].map((name) => number('pool', name))}
            {number('pool', 'maxRequests')}
            <NumberInput
              label={t('php.form.slowLogSeconds')}
              value={draft.slowLogSeconds}
              onChange={(value) => change({ slowLogSeconds: Number(value) })}
              error={errorOf('slowLogSeconds')}
              disabled={!mayWrite}
              allowDecimal={false}
              allowNegative={false}
              hideControls
            />
            <Switch
              className={classes.wide}
              label={t('php.form.isOpcacheOn')}
              description={t('php.form.isOpcacheOnText')}
              checked={draft.isOpcacheOn}
              onChange={(event) => change({ isOpcacheOn: event.currentTarget.checked })}
              disabled={!mayWrite}
            />
            <Switch
              className={classes.wide}
              label={t('php.form.isApart')}
              description={t(draft.isApart ? 'php.form.isApartText' : 'php.form.isSharedText')}
              checked={draft.isApart}
              onChange={(event) => change({ isApart: event.currentTarget.checked })}
              disabled={!mayWrite}
            />
            {draft.isApart &&
              limitNames.map((name) => (
                <NumberInput
                  key={name}
                  label={t(`php.form.limits.${name}`)}
                  description={t(`php.form.limits.${name}Text`)}
                  placeholder={t('php.form.limits.none')}
                  value={draft.limits[name] ?? ''}
                  onChange={(value) =>
                    change({ limits: { ...draft.limits, [name]: value === '' ? null : Number(value) } })
                  }
                  error={errorOf(`limits.${name}`)}
                  disabled={!mayWrite}
                  allowDecimal={false}
                  allowNegative={false}
                  hideControls
                />
              ))}
          </div>
        </Section>
        <Section title={t('php.form.safetyTitle')} description={t('php.form.safetyText')}>
          <Stack gap="md">
            {lists.map((name) => (
              <Textarea
                key={name}
                classNames={{ input: classes.mono ?? '' }}
                label={t(`php.form.${name}`)}
                description={t(`php.form.${name}Text`)}
                value={draft[name]}
                onChange={(event) => change({ [name]: event.currentTarget.value })}
                error={errorOf(name)}
                disabled={!mayWrite}
                dir="ltr"
                autosize
                minRows={2}
                maxRows={10}
                spellCheck={false}
              />
            ))}
          </Stack>
        </Section>
        {edit.error !== null && !isSaidHere && (
          <ChangeRefused
            error={edit.error}
            seen={edit.seen}
            present={site}
            touched={['php']}
            isBusy={edit.isPending}
            onRetry={edit.retry}
            onDiscard={edit.stop}
          />
        )}
        <Group gap="xs">
          <WhyNot reason={!mayWrite}>
            <Button type="submit" loading={edit.isPending} disabled={!mayWrite || !isDirty}>
              {t('php.form.save')}
            </Button>
          </WhyNot>
          {edit.draft !== null && (
            <Button variant="default" disabled={edit.isPending} onClick={edit.stop}>
              {t('common.actions.discard')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function toDraft({ disabledFunctions, openFolders, noScripts, ...rest }: SitePhp): Draft {
  return {
    ...rest,
    disabledFunctions: disabledFunctions.join(', '),
    openFolders: textOf(openFolders),
    noScripts: textOf(noScripts),
  };
}

function fromDraft({
  version,
  isApart,
  limits,
  ini,
  pool,
  disabledFunctions,
  openFolders,
  noScripts,
  isOpcacheOn,
  slowLogSeconds,
}: Draft): SitePhp {
  return {
    version,
    isApart,
    limits,
    ini,
    pool,
    disabledFunctions: linesOf(disabledFunctions),
    openFolders: linesOf(openFolders),
    noScripts: linesOf(noScripts),
    isOpcacheOn,
    slowLogSeconds,
  };
}
