import { Select, Switch, TextInput } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { presetOf } from '#shared/behaviour/rewrite-preset-facts.ts';
import { servedRoot } from '#shared/behaviour/served-folder.ts';
import { presetNames, rewritePresets } from '#shared/behaviour/rewrite-presets.ts';
import type { RewriteRule } from '#shared/behaviour/rewrites.ts';
import { Token } from '../../../ui/Token.tsx';
import { useSite } from '../site-context.ts';
import { RewriteTemplates } from './RewriteTemplates.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

/** What a visitor asks for and what answers instead, unseen: the rules of a known application, and own ones. */
export function RewritesForm({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  const site = useSite();
  const { rewrites } = draft;
  const facts = presetOf(rewrites.preset, servedRoot({ ...site, behaviour: draft }));
  const closed = [...(facts?.closed ?? []), ...(facts?.closedSuffixes ?? []).map((suffix) => `*.${suffix}`)];
  const set = (part: Partial<typeof rewrites>): void => change({ rewrites: { ...rewrites, ...part } });
  return (
    <>
      {site.kind === 'php' && (
        <RuleGroup title={t('behaviour.rewrites.preset')} text={t('behaviour.rewrites.presetText')}>
          <Select
            aria-label={t('behaviour.rewrites.preset')}
            data={rewritePresets.map((value) => ({
              value,
              label: value === 'none' ? t('behaviour.rewrites.none') : presetNames[value],
            }))}
            value={rewrites.preset}
            onChange={(value) => set({ preset: rewritePresets.find((each) => each === value) ?? 'none' })}
            searchable
            allowDeselect={false}
          />
          {facts !== undefined && facts.rules !== undefined && (
            <PresetFacts label={t('behaviour.rewrites.leads')}>
              {facts.rules.map(([path, target]) => (
                <li key={path}>
                  <Token mono>{path}</Token>
                  <IconArrowRight size={13} stroke={1.8} style={{ marginInline: 6 }} aria-hidden />
                  <Token mono>{target}</Token>
                </li>
              ))}
            </PresetFacts>
          )}
          {closed.length > 0 && (
            <PresetFacts label={t('behaviour.rewrites.closed')}>
              <li>
                {closed.map((path) => (
                  <Token key={path} mono>
                    {`${path} `}
                  </Token>
                ))}
              </li>
            </PresetFacts>
          )}
        </RuleGroup>
      )}
      <RuleGroup title={t('behaviour.rewrites.list')} text={t('behaviour.rewrites.listText')}>
        <RuleList
          items={rewrites.rules}
          onChange={(rules) => set({ rules })}
          fresh={(): RewriteRule => ({ path: '', target: '', isOnlyMissing: true, isEnabled: true })}
          addLabel={t('behaviour.rewrites.add')}
          empty={t('behaviour.rewrites.empty')}
          hasError={(index) => errorUnder(`rewrites.rules.${index}`) !== undefined}
          isFixed={isFixed}
          max={100}
          summary={({ path, target, isEnabled }) =>
            path === '' && target === '' ? (
              <span>{t('behaviour.rewrites.fresh')}</span>
            ) : (
              <>
                <span className={isEnabled ? undefined : classes.off} dir="ltr">
                  <Token mono>{path}</Token>
                  <IconArrowRight
                    size={14}
                    stroke={1.8}
                    style={{ marginInline: 6, verticalAlign: '-2px' }}
                    aria-hidden
                  />
                  <Token mono>{target}</Token>
                </span>
                {!isEnabled && <span className={classes.tag}>{t('behaviour.redirects.paused')}</span>}
              </>
            )
          }
        >
          {(rule, edit, index) => (
            <>
              <div className={classes.pair}>
                <TextInput
                  className={classes.mono}
                  label={t('behaviour.redirects.pattern')}
                  description={t('behaviour.rewrites.patternText')}
                  placeholder={'^/item/(\\d+)$'}
                  value={rule.path}
                  onChange={(event) => edit({ path: event.currentTarget.value })}
                  error={errorAt(`rewrites.rules.${index}.path`)}
                  dir="ltr"
                  spellCheck={false}
                  autoCapitalize="none"
                  withAsterisk
                />
                <TextInput
                  className={classes.mono}
                  label={t('behaviour.rewrites.target')}
                  description={t('behaviour.redirects.targetRegex')}
                  placeholder="/show.php?id=$1"
                  value={rule.target}
                  onChange={(event) => edit({ target: event.currentTarget.value })}
                  onBlur={() => edit({ target: rule.target.trim() })}
                  error={errorAt(`rewrites.rules.${index}.target`)}
                  dir="ltr"
                  spellCheck={false}
                  autoCapitalize="none"
                  withAsterisk
                />
              </div>
              <div className={classes.switches}>
                <Switch
                  label={t('behaviour.rewrites.isOnlyMissing')}
                  checked={rule.isOnlyMissing}
                  onChange={(event) => edit({ isOnlyMissing: event.currentTarget.checked })}
                />
                <Switch
                  label={t('behaviour.redirects.isEnabled')}
                  checked={rule.isEnabled}
                  onChange={(event) => edit({ isEnabled: event.currentTarget.checked })}
                />
              </div>
            </>
          )}
        </RuleList>
        <RewriteTemplates
          rules={rewrites.rules}
          onTake={(rules) => set({ rules: [...rewrites.rules, ...rules].slice(0, 100) })}
        />
      </RuleGroup>
    </>
  );
}

function PresetFacts({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <p className={classes.label}>{label}</p>
      <ul className={classes.facts}>{children}</ul>
    </div>
  );
}
