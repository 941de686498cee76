import { ActionIcon, Autocomplete, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import { SiteDatabases } from '../databases/SiteDatabases.tsx';
import { EditableFact } from './EditableFact.tsx';
import classes from './Facts.module.css';
import { PhpVersionSelect } from '../php/PhpVersionSelect.tsx';
import { FactValue } from './FactValue.tsx';
import { upstreamProblem } from './new-site-draft.ts';
import { SiteMachine } from './SiteMachine.tsx';
import { useSite } from './site-context.ts';
import { rootProblem, shownName } from './site-names.ts';
import { categoriesQuery } from './sites.queries.ts';
import { UpstreamFields } from './UpstreamFields.tsx';

const shownDomains = 8;

/** What the panel knows of the site, changed in place, beside what is on the machine. */
export function SiteOverview() {
  const { t } = useTranslation();
  const format = useFormat();
  const site = useSite();
  const { data: categories } = useQuery(categoriesQuery);
  const more = site.domains.length - shownDomains;
  const hasDatabases = useCan()('databases.read') && (site.kind === 'php' || site.kind === 'app');
  return (
    <div className={classes.stack}>
      <div className={classes.columns}>
        <Section title={t('sites.overview.facts')} padding="flush">
          <dl className={classes.facts}>
            <EditableFact
              field="name"
              value={<SiteTitle name={shownName(site)} />}
              first={shownName(site)}
              toBody={(name) => ({ name: name.trim() })}
              problem={(name) => (name.trim() === '' ? 'required' : undefined)}
            >
              {({ draft, setDraft, error, label }) => (
                <TextInput
                  aria-label={label}
                  value={draft}
                  onChange={(event) => setDraft(event.currentTarget.value)}
                  error={error}
                  maxLength={100}
                  autoFocus
                />
              )}
            </EditableFact>
            <Fact label={t('sites.fields.domains')}>
              <div className={classes.line}>
                <span className={classes.value}>
                  <FactValue field="domains" value={site.domains.slice(0, shownDomains)} />{' '}
                  {more > 0 && t('sites.list.more', { count: more, value: format.number(more) })}
                </span>
                <Tooltip label={t('sites.overview.manageDomains')}>
                  <ActionIcon
                    aria-label={t('sites.overview.manageDomains')}
                    renderRoot={(props) => <Link {...props} to="/sites/$siteId/domains" params={{ siteId: site.id }} />}
                  >
                    <IconPencil size={16} stroke={1.7} />
                  </ActionIcon>
                </Tooltip>
              </div>
            </Fact>
            <Fact label={t('sites.fields.kind')}>{t(`sites.kinds.${site.kind}`)}</Fact>
            {site.php !== null && (
              <EditableFact
                field="php"
                value={<FactValue field="php" value={site.php} />}
                first={site.php}
                toBody={(php) => ({ php })}
                note={t('php.version.switchNote')}
              >
                {({ draft, setDraft, error }) => (
                  <PhpVersionSelect
                    value={draft.version}
                    onChange={(version) => setDraft({ ...draft, version })}
                    error={error}
                  />
                )}
              </EditableFact>
            )}
            {site.kind === 'proxy' && (
              <EditableFact
                field="upstream"
                value={<FactValue field="upstream" value={site.upstream} />}
                first={site.upstream ?? { url: '', isWebsocket: true }}
                toBody={({ url, isWebsocket }) => ({ upstream: { url: url.trim(), isWebsocket } })}
                problem={({ url }) => upstreamProblem(url)}
              >
                {({ draft, setDraft, error }) => (
                  <UpstreamFields
                    url={draft.url}
                    isWebsocket={draft.isWebsocket}
                    onUrl={(url) => setDraft({ ...draft, url })}
                    onWebsocket={(isWebsocket) => setDraft({ ...draft, isWebsocket })}
                    error={error}
                  />
                )}
              </EditableFact>
            )}
            <EditableFact
              field="root"
              value={<FactValue field="root" value={site.root} />}
              first={site.root}
              toBody={(root) => ({ root: root.trim() })}
              problem={(root) => rootProblem(root.trim())}
              note={t('sites.overview.rootNote')}
            >
              {({ draft, setDraft, error, label }) => (
                <TextInput
                  className={classes.mono}
                  aria-label={label}
                  value={draft}
                  onChange={(event) => setDraft(event.currentTarget.value)}
                  error={error}
                  dir="ltr"
                  spellCheck={false}
                  autoFocus
                />
              )}
            </EditableFact>
            <EditableFact
              field="category"
              value={<FactValue field="category" value={site.category} />}
              first={site.category}
              toBody={(category) => ({ category: category.trim() })}
            >
              {({ draft, setDraft, error, label }) => (
                <Autocomplete
                  aria-label={label}
                  data={categories?.items.map(({ name }) => name) ?? []}
                  value={draft}
                  onChange={setDraft}
                  error={error}
                  maxLength={60}
                  autoFocus
                />
              )}
            </EditableFact>
            <EditableFact
              field="remark"
              value={<FactValue field="remark" value={site.remark} />}
              first={site.remark}
              toBody={(remark) => ({ remark: remark.trim() })}
            >
              {({ draft, setDraft, error, label }) => (
                <Textarea
                  aria-label={label}
                  value={draft}
                  onChange={(event) => setDraft(event.currentTarget.value.replaceAll(/\s*\n\s*/g, ' '))}
                  error={error}
                  maxLength={500}
                  autoFocus
                />
              )}
            </EditableFact>
            <Fact label={t('sites.fields.createdAt')}>
              <Moment at={site.createdAt} />
            </Fact>
            <Fact label={t('sites.fields.updatedAt')}>
              <Moment at={site.updatedAt} />
            </Fact>
          </dl>
        </Section>
        <SiteMachine />
      </div>
      {hasDatabases && <SiteDatabases site={{ id: site.id, name: shownName(site) }} />}
    </div>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Moment({ at }: { readonly at: string }) {
  const format = useFormat();
  return (
    <Tooltip label={format.dateTime(at)}>
      <time dateTime={at}>{format.ago(at)}</time>
    </Tooltip>
  );
}
