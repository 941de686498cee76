import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ListedSite } from '#shared/sites.ts';
import { ApiError, type ApiErrorCode } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Status, type Tone } from '../../ui/Status.tsx';
import { endOf } from './site-end.ts';
import classes from './SitesTable.module.css';

const tones = { applying: 'busy', active: 'good', failed: 'bad', deleting: 'busy' } as const satisfies Record<
  ListedSite['state'],
  Tone
>;

/** Whether the site is served, switched off, or in trouble; in trouble also why. */
export function SiteState({ site, withReason = false }: { readonly site: ListedSite; readonly withReason?: boolean }) {
  const { t } = useTranslation();
  const reason = useFailureText()(site);
  const format = useFormat();
  const isOff = site.state === 'active' && !site.isEnabled;
  const end = site.state === 'active' && site.isEnabled ? endOf(site) : undefined;
  return (
    <>
      {end === undefined ? (
        <Status tone={isOff ? 'idle' : tones[site.state]}>
          {t(isOff ? 'sites.states.off' : `sites.states.${site.state}`)}
        </Status>
      ) : (
        <Status tone={end === 'ended' ? 'idle' : 'warn'}>
          {end === 'ended' ? t('reach.ended') : t('reach.endsSoon', { when: format.ago(site.reach.endsAt ?? '') })}
        </Status>
      )}
      {withReason && reason !== undefined && (
        <Tooltip label={reason}>
          <span className={classes.reason}>{reason}</span>
        </Tooltip>
      )}
    </>
  );
}

/** What the panel says about a site that failed, in the person's language. */
export function useFailureText(): (site: Pick<ListedSite, 'failure'>) => string | undefined {
  const errorText = useErrorText();
  return ({ failure }) => {
    if (failure === null) return undefined;
    const { code, reason, params } = failure;
    return errorText(
      new ApiError({
        code: code as ApiErrorCode,
        ...(reason === null ? {} : { reason }),
        params: params as Record<string, string>,
      }),
    );
  };
}
