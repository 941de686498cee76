import { Button, Group, NativeSelect, NumberInput, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { maxInstances } from '#shared/app-limits.ts';
import { appRestarts, type SiteApp } from '#shared/site-app.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { useFieldErrors } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { ChangeRefused } from '../sites/ChangeRefused.tsx';
import { useSite } from '../sites/site-context.ts';
import { useSiteEdit } from '../sites/use-site-edit.ts';
import { fromDraft, toDraft, type AppDraft } from './app-draft.ts';
import { nodeVersionsQuery } from './apps.queries.ts';
import { argumentsOf, argumentsText } from './app-presets.ts';
import { AppVariables } from './AppVariables.tsx';
import { AppWorkers } from './AppWorkers.tsx';
import classes from './SiteApp.module.css';
import { StartFields } from './StartFields.tsx';
import { StartFrom } from './StartFrom.tsx';
import { TimedRestart } from './TimedRestart.tsx';

const listenKinds = ['chosen', 'given', 'socket'] as const;
type ListenKind = (typeof listenKinds)[number];

const kindOf = ({ listen }: AppDraft): ListenKind =>
  listen.kind === 'socket' ? 'socket' : listen.port === null ? 'chosen' : 'given';

/** Everything of an application, saved together: it is started with all of it, or goes on as it was. */
export function AppForm({ app: stored }: { readonly app: SiteApp }) {
  const { t } = useTranslation();
  const fieldErrors = useFieldErrors();
  const site = useSite();
  const mayWrite = useCan()('sites.write');
  const edit = useSiteEdit<AppDraft>(site);
  const first = toDraft(stored);
  const draft = edit.draft ?? first;
  const isDirty = edit.draft !== null && JSON.stringify(draft) !== JSON.stringify(first);
  const change = (part: Partial<AppDraft>): void => {
    if (edit.draft === null) edit.start({ ...draft, ...part });
    else edit.setDraft({ ...draft, ...part });
  };
  const said = edit.error === null ? {} : fieldErrors(edit.error);
  const isSaidHere = edit.error !== null && toApiError(edit.error).fields.length > 0;
  const errorOf = (field: string): string | undefined =>
    said[`app.${field}`] ?? Object.entries(said).find(([name]) => name.startsWith(`app.${field}.`))?.[1];
  const plain = { disabled: !mayWrite, dir: 'ltr', spellCheck: false } as const;
  const number = { disabled: !mayWrite, allowDecimal: false, allowNegative: false, hideControls: true } as const;
  const orNull = (value: string | number): number | null => (value === '' ? null : Number(value));
  const kind = kindOf(draft);
  const { data: lines } = useQuery(nodeVersionsQuery);
  const installed = lines?.items.flatMap(({ versions }) => versions.map(({ version }) => version)) ?? [];
  // One that is gone stays chosen until somebody chooses another one.
  const nodes = [...new Set([...installed, ...(draft.nodeVersion === null ? [] : [draft.nodeVersion])])];
  const { health, limits, listen } = draft;

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (mayWrite && isDirty && !edit.isPending) edit.save({ app: fromDraft(draft) });
      }}
    >
      <Stack gap="lg">
        <Section title={t('apps.form.programTitle')} description={t('apps.form.programText')}>
          <div className={classes.fields}>
            <div className={classes.wide}>
              <StartFrom
                siteId={site.id}
                isFixed={!mayWrite}
                onChoose={({ program, arguments: list, listen: where }) =>
                  change({ program, arguments: argumentsText(list ?? []), listen: where ?? listen })
                }
              />
            </div>
            <TextInput
              {...plain}
              label={t('apps.form.program')}
              description={t('apps.form.programHint')}
              classNames={{ input: classes.mono ?? '' }}
              value={draft.program}
              onChange={(event) => change({ program: event.currentTarget.value })}
              error={errorOf('program')}
            />
            <TextInput
              {...plain}
              label={t('apps.form.folder')}
              description={t('apps.form.folderHint')}
              classNames={{ input: classes.mono ?? '' }}
              value={draft.folder}
              onChange={(event) => change({ folder: event.currentTarget.value })}
              error={errorOf('folder')}
            />
            <StartFields
              program={draft.program}
              list={argumentsOf(draft.arguments)}
              isFixed={!mayWrite}
              onChange={(list) => change({ arguments: argumentsText(list) })}
            />
            <Textarea
              {...plain}
              className={classes.wide}
              label={t('apps.form.arguments')}
              description={t('apps.form.argumentsHint')}
              classNames={{ input: classes.mono ?? '' }}
              value={draft.arguments}
              onChange={(event) => change({ arguments: event.currentTarget.value })}
              error={errorOf('arguments')}
              autosize
              minRows={2}
              maxRows={12}
            />
            <NativeSelect
              label={t('apps.form.nodeVersion')}
              value={draft.nodeVersion ?? ''}
              onChange={(event) =>
                change({ nodeVersion: event.currentTarget.value === '' ? null : event.currentTarget.value })
              }
              data={[
                { value: '', label: t('apps.form.nodeSystem') },
                ...nodes.map((version) => ({ value: version, label: `Node ${version}` })),
              ]}
              error={errorOf('nodeVersion')}
              disabled={!mayWrite}
            />
            <NativeSelect
              label={t('apps.form.listen')}
              description={t(`apps.form.listens.${kind}Text`)}
              value={kind}
              onChange={(event) => {
                const next = listenKinds.find((each) => each === event.currentTarget.value);
                if (next === 'socket') change({ listen: { kind: 'socket' } });
                else if (next !== undefined)
                  change({ listen: { kind: 'port', port: next === 'given' ? 3_000 : null } });
              }}
              data={listenKinds.map((value) => ({ value, label: t(`apps.form.listens.${value}`) }))}
              disabled={!mayWrite}
            />
            {listen.kind === 'port' && listen.port !== null && (
              <NumberInput
                {...number}
                label={t('apps.form.port')}
                description={
                  draft.instances > 1 &&
                  t('apps.form.portsText', {
                    first: String(listen.port),
                    last: String(listen.port + draft.instances - 1),
                  })
                }
                value={listen.port}
                onChange={(value) => change({ listen: { kind: 'port', port: Number(value) } })}
                error={errorOf('listen')}
                thousandSeparator=""
              />
            )}
            <Switch
              className={classes.wide}
              label={t('apps.form.isWebsocket')}
              checked={draft.isWebsocket}
              onChange={(event) => change({ isWebsocket: event.currentTarget.checked })}
              disabled={!mayWrite}
            />
          </div>
        </Section>
        <Section title={t('apps.form.environmentTitle')} description={t('apps.form.environmentText')}>
          <AppVariables
            items={draft.environment}
            stored={first.environment}
            onChange={(environment) => change({ environment })}
            errorOf={(index, part) => {
              const own =
                said[`app.environment.${index}.${part}`] ??
                (part === 'value' ? said[`app.environment.${index}.secret`] : undefined);
              return (
                own ??
                (part === 'name' && index === 0
                  ? (said['app.environment'] ?? said[`app.environment.${index}`])
                  : undefined)
              );
            }}
            isFixed={!mayWrite}
          />
        </Section>
        <Section title={t('apps.workers.title')} description={t('apps.workers.text')}>
          <AppWorkers
            items={draft.workers}
            onChange={(workers) => change({ workers })}
            errorOf={(index, part) =>
              errorOf(`workers.${index}.${part}`) ?? (part === 'name' && index === 0 ? said['app.workers'] : undefined)
            }
            isFixed={!mayWrite}
          />
        </Section>
        <Section title={t('apps.form.healthTitle')} description={t('apps.form.healthText')}>
          <div className={classes.fields}>
            <NativeSelect
              label={t('apps.form.health')}
              value={health.kind}
              onChange={(event) =>
                change({
                  health:
                    event.currentTarget.value === 'connect'
                      ? { kind: 'connect' }
                      : { kind: 'http', path: '/', status: null },
                })
              }
              data={(['http', 'connect'] as const).map((value) => ({ value, label: t(`apps.form.healths.${value}`) }))}
              disabled={!mayWrite}
            />
            <NumberInput
              {...number}
              label={t('apps.form.healthSeconds')}
              value={draft.healthSeconds}
              onChange={(value) => change({ healthSeconds: Number(value) })}
              error={errorOf('healthSeconds')}
            />
            {health.kind === 'http' && (
              <>
                <TextInput
                  {...plain}
                  label={t('apps.form.healthPath')}
                  value={health.path}
                  onChange={(event) => change({ health: { ...health, path: event.currentTarget.value } })}
                  error={errorOf('health')}
                />
                <NumberInput
                  {...number}
                  label={t('apps.form.healthStatus')}
                  placeholder={t('apps.form.healthStatusHint')}
                  value={health.status ?? ''}
                  onChange={(value) => change({ health: { ...health, status: orNull(value) } })}
                />
              </>
            )}
          </div>
        </Section>
        <Section title={t('apps.form.runTitle')} description={t('apps.form.runText')}>
          <div className={classes.fields}>
            <NumberInput
              {...number}
              className={classes.wide}
              label={t('apps.form.instances')}
              description={t('apps.form.instancesText')}
              value={draft.instances}
              onChange={(value) => change({ instances: Number(value) })}
              error={errorOf('instances')}
              min={1}
              max={maxInstances}
              clampBehavior="blur"
              classNames={{ wrapper: classes.short ?? '' }}
            />
            <NumberInput
              {...number}
              label={t('apps.form.memoryMb')}
              value={limits.memoryMb}
              onChange={(value) => change({ limits: { ...limits, memoryMb: Number(value) } })}
              error={errorOf('limits.memoryMb')}
            />
            <NumberInput
              {...number}
              label={t('apps.form.cpuPercent')}
              placeholder={t('apps.form.cpuHint')}
              value={limits.cpuPercent ?? ''}
              onChange={(value) => change({ limits: { ...limits, cpuPercent: orNull(value) } })}
              error={errorOf('limits.cpuPercent')}
            />
            <NumberInput
              {...number}
              label={t('apps.form.tasks')}
              value={limits.tasks}
              onChange={(value) => change({ limits: { ...limits, tasks: Number(value) } })}
              error={errorOf('limits.tasks')}
            />
            <NumberInput
              {...number}
              label={t('apps.form.stopSeconds')}
              value={draft.stopSeconds}
              onChange={(value) => change({ stopSeconds: Number(value) })}
              error={errorOf('stopSeconds')}
            />
            <NativeSelect
              label={t('apps.form.restart')}
              value={draft.restart}
              onChange={(event) => {
                const restart = appRestarts.find((each) => each === event.currentTarget.value);
                if (restart !== undefined) change({ restart });
              }}
              data={appRestarts.map((value) => ({ value, label: t(`apps.form.restarts.${value}`) }))}
              disabled={!mayWrite}
            />
            <TimedRestart
              value={draft.timedRestart}
              onChange={(timedRestart) => change({ timedRestart })}
              errorOf={(part) => errorOf(`timedRestart.${part}`)}
              isFixed={!mayWrite}
            />
            <Switch
              className={classes.wide}
              label={t('apps.form.isAtBoot')}
              checked={draft.isAtBoot}
              onChange={(event) => change({ isAtBoot: event.currentTarget.checked })}
              disabled={!mayWrite}
            />
            {kind !== 'given' && (
              <Switch
                className={classes.wide}
                label={t('apps.form.isOverlapping')}
                description={t('apps.form.isOverlappingText')}
                checked={draft.isOverlapping}
                onChange={(event) => change({ isOverlapping: event.currentTarget.checked })}
                disabled={!mayWrite}
              />
            )}
          </div>
        </Section>
        {edit.error !== null && !isSaidHere && (
          <ChangeRefused
            error={edit.error}
            seen={edit.seen}
            present={site}
            touched={['app']}
            isBusy={edit.isPending}
            onRetry={edit.retry}
            onDiscard={edit.stop}
          />
        )}
        <Group gap="xs">
          <WhyNot reason={!mayWrite}>
            <Button type="submit" loading={edit.isPending} disabled={!mayWrite || !isDirty}>
              {t('apps.form.save')}
            </Button>
          </WhyNot>
          {edit.draft !== null && (
            <Button variant="default" disabled={edit.isPending} onClick={edit.stop}>
              {t('common.actions.discard')}
            </Button>
          )}
          <Text size="sm" c="dimmed">
            {t('apps.form.saveText')}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
