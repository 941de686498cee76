import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerQuestion } from '../sites.queries.ts';
import { AccessForm } from './AccessForm.tsx';
import { AnswerFinder } from './AnswerFinder.tsx';
import { AskedContext } from './asked-address.ts';
import { FilesForm } from './FilesForm.tsx';
import { HeadersForm } from './HeadersForm.tsx';
import { AccessLogForm } from './AccessLogForm.tsx';
import { LimitsForm } from './LimitsForm.tsx';
import { PagesForm } from './PagesForm.tsx';
import { ProxiesForm } from './ProxiesForm.tsx';
import { RedirectsForm } from './RedirectsForm.tsx';
import { RewritesForm } from './RewritesForm.tsx';
import { RuleCard } from './RuleCard.tsx';
import { ruleCards } from './rule-cards.ts';
import classes from './Rules.module.css';

const forms = {
  redirects: RedirectsForm,
  rewrites: RewritesForm,
  headers: HeadersForm,
  access: AccessForm,
  proxies: ProxiesForm,
  pages: PagesForm,
  limits: LimitsForm,
  files: FilesForm,
  log: AccessLogForm,
} as const;

/** How the site answers: one card for each kind of rule, each saved by itself. */
export function SiteBehaviour() {
  const { t } = useTranslation();
  const [question, ask] = useState<AnswerQuestion | null>(null);
  const asked = useMemo(() => ({ question, ask }), [question]);
  return (
    <AskedContext value={asked}>
      <p className={classes.lead}>{t('behaviour.lead')}</p>
      <div className={classes.finder}>
        <AnswerFinder />
      </div>
      <div className={classes.cards}>
        {ruleCards.map((card) => (
          <RuleCard key={card.key} card={card} Form={forms[card.key]} />
        ))}
      </div>
    </AskedContext>
  );
}
