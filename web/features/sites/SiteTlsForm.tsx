import { Button, Checkbox, Group, NativeSelect, Radio, Stack, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hstsSteps, tlsProfiles, type SiteTls } from '#shared/site-tls.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import type { SiteTlsState } from '../certificates/certificates.queries.ts';
import { ChangeRefused } from './ChangeRefused.tsx';
import { useSite } from './site-context.ts';
import { useSiteEdit } from './use-site-edit.ts';

type Tls = NonNullable<SiteTls>;
const stepNames = ['day', 'month', 'years'] as const;

/** Certificate and behaviour, saved together: nginx takes them up as a whole or keeps what it has. */
export function SiteTlsForm({ state: { fitting, certificate, hasHttp3 } }: { readonly state: SiteTlsState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const fieldErrors = useFieldErrors();
  const site = useSite();
  const mayWrite = useCan()('sites.write');
  const edit = useSiteEdit<Tls>(site);
  const [isAsking, setIsAsking] = useState(false);
  const [isPreloadAsked, setIsPreloadAsked] = useState(false);
  const first: Tls = site.tls ?? {
    certificateId: fitting[0]?.id ?? '',
    profile: 'intermediate',
    isForced: false,
    isHttp2: true,
    isHttp3: false,
    hsts: null,
  };
  const tls = edit.draft ?? first;
  const isDirty = site.tls === null || (edit.draft !== null && JSON.stringify(edit.draft) !== JSON.stringify(site.tls));
  const change = (part: Partial<Tls>): void => {
    if (edit.draft === null) edit.start({ ...tls, ...part });
    else edit.setDraft({ ...tls, ...part });
  };
  const said = edit.error === null ? {} : fieldErrors(edit.error);
  const isSaidHere = edit.error !== null && toApiError(edit.error).fields.length > 0;
  const choices =
    certificate === null || fitting.some(({ id }) => id === certificate.id)
      ? fitting
      : [{ ...certificate, uncovered: [] }, ...fitting];
  const step = tls.hsts === null ? 'off' : (stepNames[hstsSteps.indexOf(tls.hsts.maxAgeSeconds)] ?? 'off');
  const chooseStep = (name: string): void => {
    const maxAgeSeconds = hstsSteps[stepNames.findIndex((each) => each === name)];
    const before = tls.hsts ?? { includesSubdomains: false, isPreload: false };
    change({
      hsts:
        maxAgeSeconds === undefined
          ? null
          : { ...before, maxAgeSeconds, isPreload: before.isPreload && maxAgeSeconds === hstsSteps[2] },
    });
  };
  return (
    <Section title={t('certificates.site.settings')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (mayWrite && isDirty && !edit.isPending) edit.save({ tls });
        }}
      >
        <Stack gap="lg">
          <NativeSelect
            label={t('certificates.site.certificate')}
            description={t('certificates.site.certificateHint')}
            value={tls.certificateId}
            onChange={(event) => change({ certificateId: event.currentTarget.value })}
            data={choices.map(({ id, name, validUntil, uncovered }) => ({
              value: id,
              label: [
                // Isolated: the parts are of two directions, and a choice of a list has room for text only.
                `\u2068${name}\u2069`,
                `\u2068${format.date(validUntil)}\u2069`,
                ...(uncovered.length === 0
                  ? []
                  : [t('certificates.site.missing', { names: uncovered.slice(0, 3).join(', ') })]),
              ].join(' · '),
            }))}
            error={said['tls.certificateId'] ?? said['tls']}
            disabled={!mayWrite}
          />
          <Switch
            label={t('certificates.site.forced')}
            description={t('certificates.site.forcedHint')}
            checked={tls.isForced}
            onChange={(event) => change({ isForced: event.currentTarget.checked })}
            disabled={!mayWrite}
          />
          <Switch
            label={t('certificates.site.http2')}
            description={t('certificates.site.http2Hint')}
            checked={tls.isHttp2}
            onChange={(event) => change({ isHttp2: event.currentTarget.checked })}
            disabled={!mayWrite}
          />
          <Switch
            label={t('certificates.site.http3')}
            description={t(hasHttp3 ? 'certificates.site.http3Hint' : 'certificates.site.http3Missing')}
            checked={tls.isHttp3}
            onChange={(event) => change({ isHttp3: event.currentTarget.checked })}
            error={said['tls.isHttp3']}
            disabled={!mayWrite || (!hasHttp3 && !tls.isHttp3)}
          />
          <Radio.Group
            label={t('certificates.site.profile')}
            value={tls.profile}
            onChange={(profile) => change({ profile: profile === 'modern' ? 'modern' : 'intermediate' })}
          >
            <Stack gap="xs" mt={6}>
              {tlsProfiles.map((profile) => (
                <Radio
                  key={profile}
                  value={profile}
                  label={t(`certificates.site.profiles.${profile}`)}
                  description={t(`certificates.site.profileHints.${profile}`)}
                  disabled={!mayWrite}
                />
              ))}
            </Stack>
          </Radio.Group>
          <NativeSelect
            label={t('certificates.site.hsts')}
            description={t('certificates.site.hstsHint')}
            value={step}
            onChange={(event) => chooseStep(event.currentTarget.value)}
            data={(['off', ...stepNames] as const).map((name) => ({
              value: name,
              label: t(`certificates.site.hstsSteps.${name}`),
            }))}
            error={said['tls.hsts']}
            disabled={!mayWrite}
          />
          {tls.hsts !== null && (
            <Stack gap="sm">
              <Checkbox
                label={t('certificates.site.subdomains')}
                description={t('certificates.site.subdomainsHint')}
                checked={tls.hsts.includesSubdomains}
                onChange={(event) => {
                  const includesSubdomains = event.currentTarget.checked;
                  if (tls.hsts === null) return;
                  change({
                    hsts: { ...tls.hsts, includesSubdomains, isPreload: tls.hsts.isPreload && includesSubdomains },
                  });
                }}
                disabled={!mayWrite}
              />
              <Checkbox
                label={t('certificates.site.preload')}
                description={t('certificates.site.preloadHint')}
                checked={tls.hsts.isPreload}
                onChange={(event) => {
                  if (event.currentTarget.checked) setIsPreloadAsked(true);
                  else if (tls.hsts !== null) change({ hsts: { ...tls.hsts, isPreload: false } });
                }}
                disabled={!mayWrite || step !== 'years' || !tls.hsts.includesSubdomains}
              />
            </Stack>
          )}
          {edit.error !== null && !isSaidHere && (
            <ChangeRefused
              error={edit.error}
              seen={edit.seen}
              present={site}
              touched={['tls']}
              isBusy={edit.isPending}
              onRetry={edit.retry}
              onDiscard={edit.stop}
            />
          )}
          <Group gap="xs">
            <WhyNot reason={!mayWrite}>
              <Button type="submit" loading={edit.isPending} disabled={!mayWrite || !isDirty}>
                {t('certificates.site.save')}
              </Button>
            </WhyNot>
            {edit.draft !== null && (
              <Button variant="default" disabled={edit.isPending} onClick={edit.stop}>
                {t('common.actions.discard')}
              </Button>
            )}
            {site.tls !== null && (
              <WhyNot reason={!mayWrite}>
                <Button
                  variant="default"
                  color="red"
                  disabled={!mayWrite || edit.isPending}
                  onClick={() => setIsAsking(true)}
                >
                  {t('certificates.site.turnOff')}
                </Button>
              </WhyNot>
            )}
          </Group>
        </Stack>
      </form>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('certificates.site.turnOffTitle')}
        confirmLabel={t('certificates.site.turnOff')}
        isDangerous
        isBusy={edit.isPending}
        onConfirm={() => {
          setIsAsking(false);
          edit.start(first);
          edit.save({ tls: null });
        }}
        onClose={() => setIsAsking(false)}
      >
        {t('certificates.site.turnOffText')} {site.tls?.hsts != null && t('certificates.site.turnOffHsts')}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={isPreloadAsked}
        title={t('certificates.site.preloadTitle')}
        confirmLabel={t('certificates.site.preloadConfirm')}
        isDangerous
        onConfirm={() => {
          setIsPreloadAsked(false);
          if (tls.hsts !== null) change({ hsts: { ...tls.hsts, isPreload: true } });
        }}
        onClose={() => setIsPreloadAsked(false)}
      >
        {t('certificates.site.preloadText')}
      </ConfirmDialog>
    </Section>
  );
}
