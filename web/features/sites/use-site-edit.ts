import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { sayDone } from '../../ui/toasts.ts';
import { seenRevision } from './site-conflict.ts';
import { useUpdateSite, type SiteUpdate, type SiteWarning } from './sites.queries.ts';

export type SiteEdit<D> = {
  /** null while nothing is being edited. */
  readonly draft: D | null;
  readonly setDraft: (draft: D) => void;
  readonly start: (draft: D) => void;
  readonly stop: () => void;
  readonly save: (body: SiteUpdate) => void;
  /** Again with the same values, counted from what is there now. */
  readonly retry: (options: { readonly overwrite: boolean }) => void;
  readonly isPending: boolean;
  readonly error: unknown;
  /** The site as it was when editing began. */
  readonly seen: Site;
  /** Of the last change that went through. */
  readonly warnings: readonly SiteWarning[];
};

/** Editing of some facts of a site: knows what the person saw, so that nobody's work is overwritten unseen. */
export function useSiteEdit<D>(site: Site): SiteEdit<D> {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<D | null>(null);
  const [seen, setSeen] = useState(site);
  const update = useUpdateSite();
  const send = (revision: number, body: SiteUpdate): void =>
    update.mutate(
      { siteId: site.id, revision, body },
      {
        onSuccess: () => {
          setDraft(null);
          sayDone(t('common.states.saved'));
        },
      },
    );
  return {
    draft,
    setDraft,
    start(first) {
      update.reset();
      setSeen(site);
      setDraft(first);
    },
    stop() {
      update.reset();
      setDraft(null);
    },
    save: (body) => send(seenRevision(seen, site), body),
    retry({ overwrite }) {
      const body = update.variables?.body;
      if (body === undefined) return;
      setSeen(site);
      send(site.revision, overwrite ? { ...body, overwrite: true } : body);
    },
    isPending: update.isPending,
    error: update.error,
    seen,
    warnings: update.data?.warnings ?? [],
  };
}
