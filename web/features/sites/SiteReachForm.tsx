import { Button, Group, NativeSelect, SegmentedControl, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { frontHeaders, type SiteFront, type SiteReach } from '#shared/site-reach.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { useFieldErrors } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { LinesInput } from './behaviour/LinesInput.tsx';
import { fromLocalTime, toLocalTime } from './behaviour/rule-time.ts';
import { ChangeRefused } from './ChangeRefused.tsx';
import { PageWords } from './PageWords.tsx';
import { useSite } from './site-context.ts';
import { useSiteEdit } from './use-site-edit.ts';

const kinds = ['none', 'cloudflare', 'own'] as const;

function frontOf(kind: string, before: SiteFront): SiteFront {
  if (kind === 'cloudflare') return { kind: 'cloudflare' };
  if (kind !== 'own') return null;
  return before?.kind === 'own' ? before : { kind: 'own', ranges: [], header: 'X-Forwarded-For' };
}

/** Unknown names, servers in front, the end of a site and the pages in its place: saved together. */
export function SiteReachForm() {
  const { t } = useTranslation();
  const fieldErrors = useFieldErrors();
  const site = useSite();
  const mayWrite = useCan()('sites.write');
  const edit = useSiteEdit<SiteReach>(site);
  const reach = edit.draft ?? site.reach;
  const isDirty = edit.draft !== null && JSON.stringify(edit.draft) !== JSON.stringify(site.reach);
  const change = (part: Partial<SiteReach>): void => {
    if (edit.draft === null) edit.start({ ...reach, ...part });
    else edit.setDraft({ ...reach, ...part });
  };
  const said = edit.error === null ? {} : fieldErrors(edit.error);
  const errorUnder = (start: string): string | undefined =>
    Object.entries(said).find(([field]) => field.startsWith(start))?.[1];
  const isSaidHere = edit.error !== null && toApiError(edit.error).fields.length > 0;
  const { front } = reach;
  return (
    <Section title={t('reach.title')} description={t('reach.lead')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (mayWrite && isDirty && !edit.isPending) edit.save({ reach });
        }}
      >
        <Stack gap="lg">
          <Switch
            label={t('reach.isDefault')}
            description={t('reach.isDefaultHint')}
            checked={reach.isDefault}
            onChange={(event) => change({ isDefault: event.currentTarget.checked })}
            disabled={!mayWrite}
          />
          <div>
            <Text size="sm" fw={500} component="div">
              {t('reach.front')}
            </Text>
            <Text size="xs" c="dimmed" component="div" mb={8}>
              {t('reach.frontHint')}
            </Text>
            <SegmentedControl
              aria-label={t('reach.front')}
              value={front?.kind ?? 'none'}
              onChange={(kind) => change({ front: frontOf(kind, front) })}
              data={kinds.map((value) => ({ value, label: t(`reach.fronts.${value}`) }))}
              disabled={!mayWrite}
            />
          </div>
          {front?.kind === 'own' && (
            <>
              <LinesInput
                label={t('reach.ranges')}
                description={t('reach.rangesHint')}
                placeholder="192.0.2.10"
                value={front.ranges}
                onChange={(ranges) => change({ front: { ...front, ranges } })}
                error={errorUnder('reach.front.ranges')}
              />
              <NativeSelect
                label={t('reach.header')}
                value={front.header}
                onChange={(event) => {
                  const header = frontHeaders.find((each) => each === event.currentTarget.value);
                  if (header !== undefined) change({ front: { ...front, header } });
                }}
                data={frontHeaders}
                maw={260}
                dir="ltr"
                disabled={!mayWrite}
              />
            </>
          )}
          <TextInput
            type="datetime-local"
            label={t('reach.endsAt')}
            description={t('reach.endsAtHint')}
            value={toLocalTime(reach.endsAt)}
            onChange={(event) => change({ endsAt: fromLocalTime(event.currentTarget.value) })}
            error={errorUnder('reach.endsAt')}
            dir="ltr"
            disabled={!mayWrite}
          />
          {reach.endsAt !== null && (
            <PageWords of="page" {...{ reach, errorUnder }} onChange={change} isDisabled={!mayWrite} />
          )}
          <PageWords of="offPage" {...{ reach, errorUnder }} onChange={change} isDisabled={!mayWrite} />
          {edit.error !== null && !isSaidHere && (
            <ChangeRefused
              error={edit.error}
              seen={edit.seen}
              present={site}
              touched={['reach']}
              isBusy={edit.isPending}
              onRetry={edit.retry}
              onDiscard={edit.stop}
            />
          )}
          <Group gap="xs">
            <WhyNot reason={mayWrite ? false : true}>
              <Button type="submit" loading={edit.isPending} disabled={!mayWrite || !isDirty}>
                {t('common.actions.save')}
              </Button>
            </WhyNot>
            {isDirty && (
              <Button variant="default" onClick={edit.stop}>
                {t('common.actions.discard')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
