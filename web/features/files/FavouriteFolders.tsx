import { ActionIcon, Popover, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconBookmarks, IconStar, IconStarFilled, IconX } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { useSite } from '../sites/site-context.ts';
import classes from './FavouriteFolders.module.css';

type FavouriteFoldersProps = { readonly path: string; readonly onGo: (path: string) => void };
type Change = { readonly path: string; readonly isStarred: boolean };

const favouritesQuery = (siteId: string) =>
  queryOptions({
    queryKey: ['site', siteId, 'file-favourites'],
    queryFn: ({ signal }) => call(filesApi.favourites, { params: { siteId }, signal }),
  });

/** Stars the folder that is open, and leads to those that were starred before. */
export function FavouriteFolders({ path, onGo }: FavouriteFoldersProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { id: siteId } = useSite();
  const [isOpen, setIsOpen] = useState(false);
  const { queryKey, ...query } = favouritesQuery(siteId);
  const { data } = useQuery({ queryKey, ...query });
  const change = useMutation({
    mutationFn: async ({ path: folder, isStarred }: Change): Promise<void> => {
      const params = { siteId };
      if (isStarred) await call(filesApi.addFavourite, { params, body: { path: folder } });
      else await call(filesApi.removeFavourite, { params, query: { path: folder } });
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const folders = data?.items ?? [];
  const isStarred = folders.some((each) => each.path === path);
  const label = t(isStarred ? 'fileFavourites.unstar' : 'fileFavourites.star');
  const set = (wish: Change): void =>
    finish(change, wish, { onError: (error) => sayFailed(t('files.notDone'), errorText(error)) });
  return (
    <>
      {path !== '' && (
        <Tooltip label={label}>
          <ActionIcon
            size="sm"
            aria-label={label}
            disabled={data === undefined}
            loading={change.isPending}
            onClick={() => set({ path, isStarred: !isStarred })}
          >
            {isStarred ? <IconStarFilled size={14} /> : <IconStar size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
      <Popover opened={isOpen} onChange={setIsOpen} position="bottom-start" width={320} trapFocus returnFocus>
        <Popover.Target>
          <ActionIcon
            size="sm"
            aria-label={t('fileFavourites.title')}
            title={t('fileFavourites.title')}
            onClick={() => setIsOpen(!isOpen)}
          >
            <IconBookmarks size={14} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown p={6}>
          {folders.length === 0 ? (
            <Text size="sm" c="dimmed" p={6} tabIndex={0} data-autofocus>
              {t('fileFavourites.empty')}
            </Text>
          ) : (
            <ul className={classes.list} aria-label={t('fileFavourites.title')}>
              {folders.map((each) => (
                <Favourite
                  key={each.path}
                  siteId={siteId}
                  path={each.path}
                  onGo={() => {
                    setIsOpen(false);
                    onGo(each.path);
                  }}
                  onRemove={() => set({ path: each.path, isStarred: false })}
                />
              ))}
            </ul>
          )}
        </Popover.Dropdown>
      </Popover>
    </>
  );
}

type FavouriteProps = {
  readonly siteId: string;
  readonly path: string;
  readonly onGo: () => void;
  readonly onRemove: () => void;
};

/** Looked at when it is shown: it may have been deleted or moved meanwhile. */
function Favourite({ siteId, path, onGo, onRemove }: FavouriteProps) {
  const { t } = useTranslation();
  const { error } = useQuery({
    queryKey: ['site', siteId, 'files', 'favourite', path],
    queryFn: ({ signal }) => call(filesApi.list, { params: { siteId }, query: { path, limit: 1 }, signal }),
    retry: false,
  });
  const isGone = error !== null && toApiError(error).code === 'not_found';
  const label = t('fileFavourites.remove', { path });
  return (
    <li className={classes.folder}>
      <UnstyledButton className={classes.go ?? ''} onClick={onGo} disabled={isGone}>
        <ForeignText max={120}>{path}</ForeignText>
        {isGone && <span className={classes.gone}>{t('fileFavourites.gone')}</span>}
      </UnstyledButton>
      <ActionIcon size="sm" aria-label={label} title={label} onClick={onRemove}>
        <IconX size={14} />
      </ActionIcon>
    </li>
  );
}
