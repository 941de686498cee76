import { Text } from '@mantine/core';
import { IconFileCode, IconFileText, IconFolder, IconUser } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Token } from '../../ui/Token.tsx';
import { readDomainLines } from './domain-lines.ts';
import classes from './NewSite.module.css';
import type { NewSiteDraft } from './new-site-draft.ts';
import { plannedPaths } from './site-names.ts';

const things = [
  { key: 'folder', icon: IconFolder },
  { key: 'config', icon: IconFileCode },
  { key: 'accessLog', icon: IconFileText },
  { key: 'linuxUser', icon: IconUser },
] as const;

/** What will be made on the machine, while the form is filled in. */
export function NewSitePlan({ draft }: { readonly draft: NewSiteDraft }) {
  const { t } = useTranslation();
  const first = readDomainLines(draft.domains).find(({ problem }) => problem === null)?.domain;
  const paths = first == null ? undefined : plannedPaths(first, draft.root.trim());
  return (
    <aside className={classes.plan} aria-label={t('sites.plan.title')}>
      <div className={classes.planTitle}>{t('sites.plan.title')}</div>
      <dl className={classes.planList}>
        {things.map(({ key, icon: ThingIcon }) => (
          <div key={key}>
            <dt>
              <ThingIcon size={16} stroke={1.7} aria-hidden />
              {t(`sites.plan.${key}`)}
            </dt>
            <dd>
              {paths === undefined ? (
                <Text component="span" size="sm" c="dimmed">
                  …
                </Text>
              ) : (
                <Token mono>{paths[key]}</Token>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <div className={classes.planNote}>
        {draft.isWordpress ? t('wordpress.planNote') : t(`sites.plan.note_${draft.kind}`)}
      </div>
    </aside>
  );
}
