import { MultiSelect, Select, Switch, TextInput } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { redirectMatches, redirectStatuses, type Redirect, type RedirectStatus } from '#shared/behaviour/redirects.ts';
import { Token } from '../../../ui/Token.tsx';
import { useSite } from '../site-context.ts';
import type { RuleFormProps } from './rule-form.ts';
import { readablePath } from './rule-path.ts';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

const fresh = (): Redirect => ({
  match: 'exact',
  path: '',
  hosts: [],
  target: '',
  status: 301,
  isPathKept: false,
  isQueryKept: true,
  isEnabled: true,
});

function useStatuses(): { value: string; label: string }[] {
  const { t } = useTranslation();
  return redirectStatuses.map((status) => ({
    value: String(status),
    label: t(`behaviour.redirects.statuses.s${status}`),
  }));
}

const statusOf = (value: string | null): RedirectStatus =>
  redirectStatuses.find((status) => String(status) === value) ?? 301;

/** Addresses that lead elsewhere, and the one name that the others lead to. */
export function RedirectsForm({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  const { domains } = useSite();
  const statuses = useStatuses();
  const hosts = [...new Set(domains.map(({ host }) => host))];
  const { mainHost, redirects } = draft;
  return (
    <>
      <RuleGroup title={t('behaviour.redirects.mainHost')} text={t('behaviour.redirects.mainHostText')}>
        <div className={classes.pair}>
          <Select
            label={t('behaviour.redirects.mainHostLabel')}
            data={[
              { value: '', label: t('behaviour.redirects.mainHostNone') },
              ...hosts.filter((host) => !host.startsWith('*.')),
            ]}
            value={mainHost?.host ?? ''}
            onChange={(host) =>
              change({ mainHost: host === null || host === '' ? null : { host, status: mainHost?.status ?? 301 } })
            }
            error={errorUnder('mainHost')}
          />
          {mainHost !== null && (
            <Select
              label={t('behaviour.redirects.status')}
              data={statuses}
              value={String(mainHost.status)}
              onChange={(status) => change({ mainHost: { ...mainHost, status: statusOf(status) } })}
            />
          )}
        </div>
      </RuleGroup>
      <RuleGroup title={t('behaviour.redirects.list')} text={t('behaviour.redirects.listText')}>
        <RuleList
          items={redirects}
          onChange={(items) => change({ redirects: items })}
          fresh={fresh}
          addLabel={t('behaviour.redirects.add')}
          empty={t('behaviour.redirects.empty')}
          hasError={(index) => errorUnder(`redirects.${index}`) !== undefined}
          isFixed={isFixed}
          max={200}
          summary={(rule) => <RedirectLine rule={rule} />}
        >
          {(rule, edit, index) => {
            const error = (field: string): string | undefined => errorAt(`redirects.${index}.${field}`);
            return (
              <>
                <div className={classes.pair}>
                  <Select
                    label={t('behaviour.redirects.match')}
                    data={redirectMatches.map((match) => ({
                      value: match,
                      label: t(`behaviour.redirects.matches.${match}`),
                    }))}
                    value={rule.match}
                    onChange={(value) => {
                      const match = redirectMatches.find((each) => each === value) ?? 'exact';
                      const isPathKept = match === 'site' || match === 'prefix';
                      edit({ match, isPathKept, ...(match === 'site' ? { path: '' } : {}) });
                    }}
                    error={error('match')}
                  />
                  <Select
                    label={t('behaviour.redirects.status')}
                    data={statuses}
                    value={String(rule.status)}
                    onChange={(status) => edit({ status: statusOf(status) })}
                    error={error('status')}
                  />
                </div>
                {rule.match !== 'site' && (
                  <TextInput
                    className={classes.mono}
                    label={t(rule.match === 'regex' ? 'behaviour.redirects.pattern' : 'behaviour.redirects.path')}
                    placeholder={rule.match === 'regex' ? '^/blog/(\\d+)$' : '/old'}
                    value={rule.path}
                    onChange={(event) => edit({ path: event.currentTarget.value })}
                    onBlur={() => rule.match !== 'regex' && edit({ path: readablePath(rule.path) })}
                    error={error('path')}
                    dir="ltr"
                    spellCheck={false}
                    autoCapitalize="none"
                    withAsterisk
                  />
                )}
                <TextInput
                  className={classes.mono}
                  label={t('behaviour.redirects.target')}
                  description={t(
                    rule.match === 'regex' ? 'behaviour.redirects.targetRegex' : 'behaviour.redirects.targetText',
                  )}
                  placeholder={rule.match === 'regex' ? '/posts/$1' : 'https://example.com/new'}
                  value={rule.target}
                  onChange={(event) => edit({ target: event.currentTarget.value })}
                  onBlur={() => edit({ target: rule.target.trim() })}
                  error={error('target')}
                  dir="ltr"
                  spellCheck={false}
                  autoCapitalize="none"
                  withAsterisk
                />
                {(hosts.length > 1 || rule.hosts.length > 0) && (
                  <MultiSelect
                    label={t('behaviour.redirects.hosts')}
                    placeholder={rule.hosts.length === 0 ? t('behaviour.redirects.hostsAll') : ''}
                    data={[...new Set([...hosts, ...rule.hosts])]}
                    value={rule.hosts}
                    onChange={(names) => edit({ hosts: names })}
                    error={errorUnder(`redirects.${index}.hosts`)}
                    clearable
                  />
                )}
                <div className={classes.switches}>
                  {(rule.match === 'site' || rule.match === 'prefix') && (
                    <Switch
                      label={t('behaviour.redirects.isPathKept')}
                      checked={rule.isPathKept}
                      onChange={(event) => edit({ isPathKept: event.currentTarget.checked })}
                    />
                  )}
                  <Switch
                    label={t('behaviour.redirects.isQueryKept')}
                    checked={rule.isQueryKept}
                    onChange={(event) => edit({ isQueryKept: event.currentTarget.checked })}
                  />
                  <Switch
                    label={t('behaviour.redirects.isEnabled')}
                    checked={rule.isEnabled}
                    onChange={(event) => edit({ isEnabled: event.currentTarget.checked })}
                  />
                </div>
              </>
            );
          }}
        </RuleList>
      </RuleGroup>
    </>
  );
}

function RedirectLine({ rule }: { readonly rule: Redirect }) {
  const { t } = useTranslation();
  const from = rule.match === 'site' ? t('behaviour.redirects.matches.site') : rule.path;
  if (from === '' && rule.target === '') return <span>{t('behaviour.redirects.fresh')}</span>;
  return (
    <>
      <span className={`${classes.tag} numbers`}>{rule.status}</span>
      <span className={rule.isEnabled ? undefined : classes.off} dir="ltr">
        {rule.match === 'site' ? <bdi>{from}</bdi> : <Token mono>{from}</Token>}
        <IconArrowRight size={14} stroke={1.8} style={{ marginInline: 6, verticalAlign: '-2px' }} aria-hidden />
        <Token mono>{rule.target}</Token>
      </span>
      {!rule.isEnabled && <span className={classes.tag}>{t('behaviour.redirects.paused')}</span>}
    </>
  );
}
