import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconFile, IconFolder, IconLink, IconSearch, IconSearchOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { FoundName } from '#shared/file-find.ts';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { parentOf } from './file-paths.ts';
import searchClasses from './FileSearch.module.css';
import classes from './Files.module.css';

type FindSheetProps = {
  readonly siteId: string;
  /** That is looked through, with all that is in it. */
  readonly folder: string;
  /** While a file that was found is edited: what was found stays. */
  readonly isHidden: boolean;
  readonly onOpen: (path: string) => void;
  readonly onGo: (folder: string) => void;
  readonly onClose: () => void;
};

const icons = { file: IconFile, folder: IconFolder, link: IconLink, special: IconFile } as const;

/** Files and folders by their names, wherever they lie below a folder. */
export function FindSheet({ siteId, folder, isHidden, onOpen, onGo, onClose }: FindSheetProps) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [showsHidden, setShowsHidden] = useState(false);
  const [asked, setAsked] = useState<{ name: string; showsHidden: boolean; folder: string } | null>(null);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['site', siteId, 'file-names', asked],
    queryFn: ({ signal }) =>
      call(filesApi.find, {
        params: { siteId },
        query: {
          path: asked?.folder ?? '',
          name: asked?.name ?? '',
          showsHidden: String(asked?.showsHidden ?? false),
        },
        signal,
      }),
    enabled: asked !== null,
    staleTime: 0,
    gcTime: 0,
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() === '') return;
    const next = { name: name.trim(), showsHidden, folder };
    if (JSON.stringify(next) === JSON.stringify(asked)) void refetch();
    else setAsked(next);
  }

  if (isHidden) return null;
  return (
    <SideSheet title={t('fileFind.title')} onClose={onClose} size={640}>
      <form className={searchClasses.form} onSubmit={submit}>
        <div className={searchClasses.line}>
          <TextInput
            data-autofocus
            dir="auto"
            className={searchClasses.text ?? ''}
            aria-label={t('fileFind.name')}
            placeholder={t('fileFind.name')}
            value={name}
            maxLength={200}
            leftSection={<IconSearch size={16} />}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={name.trim() === ''} loading={isFetching}>
            {t('fileFind.go')}
          </Button>
        </div>
        <Checkbox
          size="xs"
          label={t('fileSearch.showsHidden')}
          checked={showsHidden}
          onChange={(event) => setShowsHidden(event.currentTarget.checked)}
        />
        <p className={searchClasses.hint}>
          {t('fileSearch.where', { folder: folder === '' ? t('fileSearch.site') : folder })}. {t('fileFind.hint')}
        </p>
      </form>
      {error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        asked !== null && <LoadingRows rows={5} />
      ) : data.items.length === 0 ? (
        <EmptyState icon={IconSearchOff} title={t('fileFind.nothing')} text={t('fileFind.nothingText')} />
      ) : (
        <ul className={classes.bin} aria-label={t('fileFind.results')}>
          {data.items.map((item) => (
            <Found key={item.path} item={item} onOpen={onOpen} onGo={onGo} />
          ))}
        </ul>
      )}
      {data !== undefined && data.why !== 'whole' && (
        <Notice tone="warn" className={searchClasses.notice}>
          {t(`fileFind.${data.why}`)}
        </Notice>
      )}
    </SideSheet>
  );
}

type FoundProps = Pick<FindSheetProps, 'onOpen' | 'onGo'> & { readonly item: FoundName };

function Found({ item: { path, type, sizeBytes, modifiedAt }, onOpen, onGo }: FoundProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const TypeIcon = icons[type];
  const open = type === 'file' ? () => onOpen(path) : type === 'folder' ? () => onGo(path) : undefined;
  return (
    <li className={classes.binItem}>
      <TypeIcon size={17} className={classes.icon} data-type={type} aria-label={t(`files.types.${type}`)} />
      <div className={`${classes.binText} ${classes.grows}`}>
        {open === undefined ? (
          <ForeignText max={160}>{path}</ForeignText>
        ) : (
          <button type="button" className={classes.open} onClick={open}>
            <ForeignText max={160}>{path}</ForeignText>
          </button>
        )}
        <span className={`${classes.sub} numbers`}>
          {type === 'file' && `${format.bytes(sizeBytes)} · `}
          {format.ago(modifiedAt)}
        </span>
      </div>
      <Button size="compact-xs" variant="subtle" onClick={() => onGo(parentOf(path))}>
        {t('fileFind.folder')}
      </Button>
    </li>
  );
}
