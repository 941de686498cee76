import { Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { pageCodes, pageColours, type ErrorPage, type ErrorPages, type PageColour } from '#shared/behaviour/pages.ts';
import { useSite } from '../site-context.ts';
import { LinesInput } from './LinesInput.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { fromLocalTime, toLocalTime } from './rule-time.ts';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

/** The closed site, and the pages of errors. */
export function PagesForm({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  const { kind } = useSite();
  const { maintenance, errorPages } = draft;
  const close = (part: Partial<typeof maintenance>): void => change({ maintenance: { ...maintenance, ...part } });
  const free = pageCodes.find((code) => !errorPages.pages.some((page) => page.code === code));
  return (
    <>
      <RuleGroup title={t('behaviour.pages.maintenance')} text={t('behaviour.pages.maintenanceText')}>
        <Switch
          label={t('behaviour.pages.isOn')}
          checked={maintenance.isOn}
          onChange={(event) => close({ isOn: event.currentTarget.checked })}
        />
        {maintenance.isOn && (
          <>
            <PageFields
              page={maintenance}
              edit={close}
              errorAt={(field) => errorAt(`maintenance.${field}`)}
              textHint={t('behaviour.pages.emptyWords')}
            />
            <TextInput
              type="datetime-local"
              label={t('behaviour.pages.until')}
              description={t('behaviour.pages.untilText')}
              value={toLocalTime(maintenance.until)}
              onChange={(event) => close({ until: fromLocalTime(event.currentTarget.value) })}
              error={errorAt('maintenance.until')}
              maw={260}
              dir="ltr"
            />
            <div className={classes.pair}>
              <LinesInput
                label={t('behaviour.pages.addresses')}
                description={t('behaviour.pages.addressesText')}
                placeholder="203.0.113.7"
                value={maintenance.addresses}
                onChange={(addresses) => close({ addresses })}
                error={errorUnder('maintenance.addresses')}
              />
              <LinesInput
                label={t('behaviour.pages.paths')}
                description={t('behaviour.pages.pathsText')}
                placeholder="/health"
                value={maintenance.paths}
                onChange={(paths) => close({ paths })}
                error={errorUnder('maintenance.paths')}
              />
            </div>
          </>
        )}
      </RuleGroup>
      <RuleGroup title={t('behaviour.pages.errors')} text={t('behaviour.pages.errorsText')}>
        <RuleList
          items={errorPages.pages}
          onChange={(pages) => change({ errorPages: { ...errorPages, pages } })}
          fresh={(): ErrorPage => ({ code: free ?? 404, title: '', text: '', colour: 'plain' })}
          addLabel={t('behaviour.pages.add')}
          empty={t('behaviour.pages.empty')}
          isOrdered={false}
          hasError={(index) => errorUnder(`errorPages.pages.${index}`) !== undefined}
          isFixed={isFixed}
          max={pageCodes.length}
          summary={({ code, title }) => (
            <>
              <span className={`${classes.tag} numbers`}>{code}</span>
              <bdi>{title === '' ? t(`behaviour.pages.codes.c${code}`) : title}</bdi>
            </>
          )}
        >
          {(page, edit, index) => (
            <>
              <Select
                label={t('behaviour.pages.code')}
                data={pageCodes.map((code) => ({
                  value: String(code),
                  label: `${code} — ${t(`behaviour.pages.codes.c${code}`)}`,
                }))}
                value={String(page.code)}
                onChange={(value) => edit({ code: pageCodes.find((code) => String(code) === value) ?? 404 })}
                error={errorAt(`errorPages.pages.${index}.code`)}
              />
              <PageFields
                page={page}
                edit={edit}
                errorAt={(field) => errorAt(`errorPages.pages.${index}.${field}`)}
                textHint={t('behaviour.pages.emptyWords')}
              />
            </>
          )}
        </RuleList>
        <LostFields
          lost={errorPages.lost}
          onChange={(lost) => change({ errorPages: { ...errorPages, lost } })}
          error={errorAt('errorPages.lost.target')}
        />
        {kind !== 'static' && (
          <Switch
            label={t('behaviour.pages.isUpstreamToo')}
            checked={errorPages.isUpstreamToo}
            onChange={(event) => change({ errorPages: { ...errorPages, isUpstreamToo: event.currentTarget.checked } })}
          />
        )}
      </RuleGroup>
    </>
  );
}

type LostFieldsProps = {
  readonly lost: ErrorPages['lost'];
  readonly onChange: (lost: ErrorPages['lost']) => void;
  readonly error: string | undefined;
};

/** Where those are sent who ask for what is not there. */
function LostFields({ lost, onChange, error }: LostFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Switch
        label={t('behaviour.pages.lost')}
        description={t('behaviour.pages.lostText')}
        checked={lost !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? { target: '/', status: 302 } : null)}
      />
      {lost !== null && (
        <div className={classes.pair}>
          <TextInput
            className={classes.mono}
            label={t('behaviour.redirects.target')}
            description={t('behaviour.redirects.targetText')}
            value={lost.target}
            onChange={(event) => onChange({ ...lost, target: event.currentTarget.value })}
            onBlur={() => onChange({ ...lost, target: lost.target.trim() })}
            error={error}
            dir="ltr"
            spellCheck={false}
          />
          <Select
            label={t('behaviour.redirects.status')}
            description={t('behaviour.pages.lostStatusText')}
            data={['302', '301']}
            value={String(lost.status)}
            onChange={(value) => onChange({ ...lost, status: value === '301' ? 301 : 302 })}
          />
        </div>
      )}
    </>
  );
}

type PageWords = { readonly title: string; readonly text: string; readonly colour: PageColour };

type PageFieldsProps = {
  readonly page: PageWords;
  readonly edit: (part: Partial<PageWords>) => void;
  readonly errorAt: (field: string) => string | undefined;
  readonly textHint: string;
};

function PageFields({ page, edit, errorAt, textHint }: PageFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className={classes.pair}>
        <TextInput
          label={t('behaviour.pages.title')}
          value={page.title}
          onChange={(event) => edit({ title: event.currentTarget.value })}
          error={errorAt('title')}
          maxLength={100}
        />
        <Select
          label={t('behaviour.pages.colour')}
          data={pageColours.map((value) => ({ value, label: t(`behaviour.pages.colours.${value}`) }))}
          value={page.colour}
          onChange={(value) => edit({ colour: pageColours.find((each) => each === value) ?? 'plain' })}
        />
      </div>
      <Textarea
        label={t('behaviour.pages.text')}
        description={textHint}
        value={page.text}
        onChange={(event) => edit({ text: event.currentTarget.value })}
        error={errorAt('text')}
        maxLength={600}
      />
    </>
  );
}
