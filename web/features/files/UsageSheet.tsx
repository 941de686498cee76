import { Button } from '@mantine/core';
import {
  IconFile,
  IconFolder,
  IconFolderOpen,
  IconHome,
  IconLink,
  IconRecycle,
  IconRefresh,
} from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileAmount, FileUsage, LargeFile, UsageItem } from '#shared/file-usage.ts';
import { filesApi, mostInPage, type FileEntry } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { crumbsOf, filterFor, joinPath, nameOf, parentOf } from './file-paths.ts';
import { shareOf, UsageLine } from './UsageLine.tsx';
import filesClasses from './Files.module.css';
import classes from './UsageSheet.module.css';

type UsageSheetProps = {
  readonly siteId: string;
  /** Where the measuring begins. */
  readonly folder: string;
  readonly onGo: (folder: string) => void;
  /** Shows a file in the list of its folder, selected. */
  readonly onSelect: (folder: string, entry: FileEntry) => void;
  readonly onClose: () => void;
};

/** What takes the space in a folder, thing by thing, and the largest files below it. */
export function UsageSheet({ siteId, folder, onGo, onSelect, onClose }: UsageSheetProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState(folder);
  // Folders that were measured are shown again while the sheet is open; another time they are measured anew.
  const [openedAt] = useState(() => Date.now());
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['site', siteId, 'file-usage', openedAt, path],
    queryFn: ({ signal }) => call(filesApi.usage, { params: { siteId }, query: { path }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <SideSheet title={t('fileUsage.title')} onClose={onClose} size={680}>
      <Where path={path} onGo={setPath} />
      {error !== null && !isFetching ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined || isFetching ? (
        <>
          <p className={classes.sub}>{t('fileUsage.counting')}</p>
          <LoadingRows rows={6} />
        </>
      ) : (
        <Measured
          {...{ siteId, path, onSelect }}
          usage={data}
          onEnter={setPath}
          onAgain={() => void refetch()}
          onOpen={() => {
            onGo(path);
            onClose();
          }}
        />
      )}
    </SideSheet>
  );
}

/** The folders on the way. It gets the focus when another folder is measured: what was pressed is gone by then. */
function Where({ path, onGo }: { readonly path: string; readonly onGo: (path: string) => void }) {
  const { t } = useTranslation();
  const crumbs = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    crumbs.current?.focus();
  }, [path]);
  return (
    <nav
      ref={crumbs}
      tabIndex={-1}
      className={`${filesClasses.crumbs} ${classes.crumbs}`}
      aria-label={t('fileUsage.where')}
    >
      <button
        type="button"
        className={filesClasses.crumb}
        aria-label={t('files.home')}
        aria-current={path === '' ? 'page' : undefined}
        onClick={() => onGo('')}
      >
        <IconHome size={16} aria-hidden />
      </button>
      {crumbsOf(path).map((crumb) => (
        <span key={crumb.path} className={filesClasses.step}>
          <span aria-hidden>/</span>
          <button
            type="button"
            className={filesClasses.crumb}
            aria-current={crumb.path === path ? 'page' : undefined}
            onClick={() => onGo(crumb.path)}
          >
            <ForeignText max={60}>{crumb.name}</ForeignText>
          </button>
        </span>
      ))}
    </nav>
  );
}

type MeasuredProps = Pick<UsageSheetProps, 'siteId' | 'onSelect'> & {
  readonly path: string;
  readonly usage: FileUsage;
  readonly onEnter: (path: string) => void;
  readonly onAgain: () => void;
  readonly onOpen: () => void;
};

function Measured({ siteId, path, usage, onSelect, onEnter, onAgain, onOpen }: MeasuredProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const amountText = useAmountText();
  const { items, rest, largest, why, diskBytes } = usage;
  const isPartial = why !== 'whole';
  const size = format.bytes(diskBytes);
  return (
    <>
      <div className={classes.summary}>
        <div>
          <p className={`${classes.total} numbers`}>
            {isPartial ? t('fileUsage.atLeast', { value: size }) : size} <small>{t('fileUsage.onDisk')}</small>
          </p>
          <p className={`${classes.sub} numbers`}>{amountText.all(usage)}</p>
        </div>
        <div className={classes.buttons}>
          <Button size="xs" variant="default" leftSection={<IconRefresh size={16} />} onClick={onAgain}>
            {t('fileUsage.again')}
          </Button>
          <Button size="xs" variant="default" leftSection={<IconFolderOpen size={16} />} onClick={onOpen}>
            {t('fileUsage.open')}
          </Button>
        </div>
      </div>
      <Warnings usage={usage} />
      {items.length === 0 && !isPartial ? (
        <EmptyState icon={IconFolder} title={t('files.empty')} />
      ) : (
        <>
          <h3 className={classes.heading}>{t('fileUsage.items')}</h3>
          <ul className={classes.list} aria-label={t('fileUsage.items')}>
            {items.map((item) => (
              <Item key={item.name} item={item} whole={diskBytes} onEnter={() => onEnter(joinPath(path, item.name))} />
            ))}
            {rest.items > 0 && (
              <UsageLine
                icon={IconFile}
                name={t('fileUsage.rest', { count: rest.items, value: format.number(rest.items) })}
                size={format.bytes(rest.diskBytes)}
                percent={shareOf(rest.diskBytes, diskBytes)}
                sub={amountText.all(rest)}
              />
            )}
          </ul>
        </>
      )}
      {largest.length > 0 && <Largest {...{ siteId, largest, onSelect }} />}
    </>
  );
}

/** What is not, or not all of it, in the sums. */
function Warnings({ usage: { why, unread, elsewhere } }: Pick<MeasuredProps, 'usage'>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {why !== 'whole' && (
        <Notice tone="warn" role="status" className={classes.notice} title={t(`fileUsage.${why}`)}>
          {t('fileUsage.partialText')}
        </Notice>
      )}
      {unread > 0 && (
        <Notice tone="warn" className={classes.notice}>
          {t('fileUsage.unread', { count: unread, value: format.number(unread) })}
        </Notice>
      )}
      {elsewhere > 0 && (
        <Notice tone="info" className={classes.notice}>
          {t('fileUsage.elsewhere', { count: elsewhere, value: format.number(elsewhere) })}
        </Notice>
      )}
    </>
  );
}

const icons = { file: IconFile, folder: IconFolder, link: IconLink, special: IconFile, bin: IconRecycle } as const;

type ItemProps = { readonly item: UsageItem; readonly whole: number; readonly onEnter: () => void };

function Item({ item, whole, onEnter }: ItemProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const amountText = useAmountText();
  const { name, type, diskBytes, isPartial } = item;
  const size = format.bytes(diskBytes);
  const isUnknown = isPartial && item.files + item.folders === 0;
  const text = <ForeignText max={160}>{name}</ForeignText>;
  return (
    <UsageLine
      icon={icons[type]}
      {...(type === 'bin' ? {} : { type })}
      name={
        type === 'bin' ? (
          t('fileUsage.bin')
        ) : type === 'folder' ? (
          <button type="button" className={classes.enter} onClick={onEnter}>
            {text}
          </button>
        ) : (
          text
        )
      }
      size={isUnknown ? t('fileUsage.notCounted') : isPartial ? t('fileUsage.atLeast', { value: size }) : size}
      percent={isUnknown ? undefined : shareOf(diskBytes, whole)}
      sub={isUnknown ? undefined : type === 'folder' || type === 'bin' ? amountText.all(item) : amountText.held(item)}
    />
  );
}

/** `12 files · 3 folders · content 4 MiB`: the content only where it is another size than on the disk. */
function useAmountText() {
  const { t } = useTranslation();
  const format = useFormat();
  const held = ({ bytes, diskBytes }: FileAmount): string | undefined =>
    Math.abs(bytes - diskBytes) > Math.max(64 * 1024, diskBytes / 10)
      ? t('fileUsage.holds', { value: format.bytes(bytes) })
      : undefined;
  const all = (amount: FileAmount): string => {
    const { files, folders } = amount;
    return [
      t('fileUsage.files', { count: files, value: format.number(files) }),
      folders === 0 ? undefined : t('fileUsage.folders', { count: folders, value: format.number(folders) }),
      held(amount),
    ]
      .filter((part) => part !== undefined)
      .join(' · ');
  };
  return { all, held };
}

type LargestProps = Pick<UsageSheetProps, 'siteId' | 'onSelect'> & { readonly largest: readonly LargeFile[] };

function Largest({ siteId, largest, onSelect }: LargestProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const select = useMutation({ mutationFn: async (path: string) => await entryAt(siteId, path) });
  const show = (path: string): void =>
    finish(select, path, {
      onSuccess: (entry) => {
        if (entry === undefined) sayFailed(t('files.notDone'), t('fileUsage.gone'));
        else onSelect(parentOf(path), entry);
      },
      onError: (error) => sayFailed(t('files.notDone'), errorText(error)),
    });
  return (
    <>
      <h3 className={classes.heading}>{t('fileUsage.largest')}</h3>
      <ul className={classes.list} aria-label={t('fileUsage.largest')}>
        {largest.map(({ path, diskBytes, modifiedAt }) => (
          <UsageLine
            key={path}
            icon={IconFile}
            name={<ForeignText max={200}>{path}</ForeignText>}
            size={format.bytes(diskBytes)}
            sub={format.ago(modifiedAt)}
            action={
              <Button
                size="compact-xs"
                variant="subtle"
                title={t('fileUsage.selectText')}
                loading={select.isPending && select.variables === path}
                onClick={() => show(path)}
              >
                {t('fileUsage.select')}
              </Button>
            }
          />
        ))}
      </ul>
    </>
  );
}

/** What the list knows of a file; undefined: it is gone. */
async function entryAt(siteId: string, path: string): Promise<FileEntry | undefined> {
  const name = nameOf(path);
  const query = { path: parentOf(path), filter: filterFor(name), showsHidden: 'true', limit: mostInPage };
  const { entries } = await call(filesApi.list, { params: { siteId }, query });
  return entries.find((entry) => entry.name === name);
}
