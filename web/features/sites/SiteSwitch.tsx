import { Switch, type SwitchProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ListedSite } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { shownName } from './site-names.ts';
import { useUpdateSite } from './sites.queries.ts';

/** Switches a site on or off and says how that ended. */
export function useSetEnabled(site: ListedSite): {
  readonly isEnabled: boolean;
  readonly isPending: boolean;
  readonly setEnabled: (isEnabled: boolean) => void;
} {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { mutate, isPending, variables } = useUpdateSite();
  const name = shownName(site);
  return {
    // Shown as wished while it is under way.
    isEnabled: isPending ? variables.body.isEnabled === true : site.isEnabled,
    isPending,
    setEnabled: (isEnabled) =>
      mutate(
        { siteId: site.id, body: { isEnabled } },
        {
          onSuccess: () => sayDone(t(isEnabled ? 'sites.enabled.done' : 'sites.enabled.doneOff', { name })),
          onError: (error) =>
            sayFailed(t(isEnabled ? 'sites.enabled.failed' : 'sites.enabled.failedOff', { name }), errorText(error)),
        },
      ),
  };
}

export function SiteSwitch({ site, ...props }: { readonly site: ListedSite } & SwitchProps) {
  const { t } = useTranslation();
  const can = useCan();
  const { isEnabled, isPending, setEnabled } = useSetEnabled(site);
  const isAllowed = can('sites.write');
  const control = (
    <Switch
      size="sm"
      aria-label={t('sites.enabled.label', { name: shownName(site) })}
      checked={isEnabled}
      disabled={!isAllowed || isPending || site.state === 'applying' || site.state === 'deleting'}
      onChange={(event) => setEnabled(event.currentTarget.checked)}
      {...props}
    />
  );
  return <WhyNot reason={!isAllowed}>{control}</WhyNot>;
}
