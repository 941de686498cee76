import { Checkbox, MultiSelect, Stack, Textarea } from '@mantine/core';
import { IconListCheck, IconStack2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupSource } from '#shared/backups.ts';
import type { ResponseOf } from '#shared/http.ts';
import { backupsApi } from '#shared/backups-api.ts';
import { Cards } from './Cards.tsx';
import classes from './Forms.module.css';
import { engineNames } from './PartLabel.tsx';
import { toggled, type PlanDraft } from './plan-draft.ts';

type SourcesFieldsProps = {
  readonly draft: PlanDraft;
  readonly onChange: (change: Partial<PlanDraft>) => void;
  /** What there is; undefined: not known yet. */
  readonly sources: ResponseOf<typeof backupsApi.sources> | undefined;
  readonly errors: { readonly sources: string | undefined; readonly paths: string | undefined };
};

const engines = ['mariadb', 'postgresql'] as const;

/** Everything, or what is chosen from the sites, databases and folders of this server. */
export function SourcesFields({ draft, onChange, sources, errors }: SourcesFieldsProps) {
  const { t } = useTranslation();
  return (
    <div>
      <Cards
        label={t('backups.plan.sources')}
        value={draft.scope}
        options={[
          {
            value: 'everything',
            label: t('backups.plan.everything'),
            text: t('backups.plan.everythingText'),
            icon: IconStack2,
          },
          { value: 'chosen', label: t('backups.plan.chosen'), text: t('backups.plan.chosenText'), icon: IconListCheck },
        ]}
        onChange={(scope) => onChange({ scope })}
      />
      {draft.scope === 'chosen' && (
        <div className={classes.box}>
          <Chosen draft={draft} sources={sources} onSources={(chosen) => onChange({ sources: chosen })} />
        </div>
      )}
      <Textarea
        className={`${classes.lines} ${classes.below}`}
        label={t('backups.plan.paths')}
        description={t('backups.plan.pathsHint')}
        placeholder={'/srv/files\n/srv/app/data.sqlite'}
        value={draft.paths}
        onChange={(event) => onChange({ paths: event.currentTarget.value })}
        error={errors.paths}
        dir="ltr"
        maxRows={8}
        spellCheck={false}
      />
      {errors.sources !== undefined && (
        <p className={classes.error} role="alert">
          {errors.sources}
        </p>
      )}
    </div>
  );
}

type ChosenProps = Pick<SourcesFieldsProps, 'draft' | 'sources'> & {
  readonly onSources: (sources: BackupSource[]) => void;
};

function Chosen({ draft: { sources: chosen }, sources, onSources }: ChosenProps) {
  const { t } = useTranslation();
  const has = (kind: BackupSource['kind'], engine?: string): boolean =>
    chosen.some(
      (source) => source.kind === kind && (engine === undefined || ('engine' in source && source.engine === engine)),
    );
  const slugs = chosen.flatMap((source) => (source.kind === 'site' ? source.slug : []));
  const known = [...new Set([...(sources?.sites.map(({ slug }) => slug) ?? []), ...slugs])].sort();
  const setSites = (next: readonly string[]): void =>
    onSources([
      ...chosen.filter(({ kind }) => kind !== 'site'),
      ...next.map((slug) => ({ kind: 'site', slug }) as const),
    ]);
  return (
    <Stack gap="md">
      <Checkbox
        checked={has('panel')}
        onChange={(event) => onSources(toggled(chosen, { kind: 'panel' }, event.currentTarget.checked))}
        label={t('backups.parts.panel')}
        description={t('backups.plan.panelText')}
      />
      <Checkbox
        checked={has('all_sites')}
        onChange={(event) => onSources(toggled(chosen, { kind: 'all_sites' }, event.currentTarget.checked))}
        label={t('backups.plan.allSites')}
        description={t('backups.plan.allSitesText')}
      />
      {!has('all_sites') && known.length > 0 && (
        <MultiSelect
          label={t('backups.plan.sitesOnly')}
          placeholder={slugs.length === 0 ? t('backups.plan.choose') : ''}
          data={known}
          value={slugs}
          onChange={setSites}
          nothingFoundMessage={t('backups.plan.nothingFound')}
          searchable
          limit={60}
          hidePickedOptions
        />
      )}
      {engines.map((engine) => (
        <Databases
          key={engine}
          engine={engine}
          chosen={chosen}
          sources={sources}
          isAll={has('all_databases', engine)}
          onSources={onSources}
        />
      ))}
    </Stack>
  );
}

type DatabasesProps = Pick<ChosenProps, 'sources' | 'onSources'> & {
  readonly engine: (typeof engines)[number];
  readonly chosen: readonly BackupSource[];
  readonly isAll: boolean;
};

function Databases({ engine, chosen, sources, isAll, onSources }: DatabasesProps) {
  const { t } = useTranslation();
  const isHere = sources?.engines[engine] ?? null;
  const names = chosen.flatMap((source) => (source.kind === 'database' && source.engine === engine ? source.name : []));
  const there = sources?.databases.flatMap((each) => (each.engine === engine ? each.name : [])) ?? [];
  const known = [...new Set([...there, ...names])].sort();
  // A server that was never installed has nothing to save, unless the plan says so already.
  if (isHere === null && !isAll && names.length === 0) return null;
  const setNames = (next: readonly string[]): void =>
    onSources([
      ...chosen.filter((source) => source.kind !== 'database' || source.engine !== engine),
      ...next.map((name) => ({ kind: 'database', engine, name }) as const),
    ]);
  return (
    <>
      <Checkbox
        checked={isAll}
        onChange={(event) => onSources(toggled(chosen, { kind: 'all_databases', engine }, event.currentTarget.checked))}
        label={t('backups.plan.allDatabases', { engine: engineNames[engine] })}
        description={isHere === true ? undefined : t('backups.plan.engineAway', { engine: engineNames[engine] })}
      />
      {!isAll && known.length > 0 && (
        <MultiSelect
          label={`${t('backups.plan.databasesOnly')} (${engineNames[engine]})`}
          placeholder={names.length === 0 ? t('backups.plan.choose') : ''}
          data={known}
          value={names}
          onChange={setNames}
          nothingFoundMessage={t('backups.plan.nothingFound')}
          searchable
          limit={60}
          hidePickedOptions
        />
      )}
    </>
  );
}
