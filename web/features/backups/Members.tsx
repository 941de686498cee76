import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { IconDownload, IconFile, IconFolder, IconLink, IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupPart, BackupSet } from '#shared/backups.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { membersPageSize, membersQuery, useStartRun, type Member } from './backups.queries.ts';
import { FetchedFile } from './FetchedFile.tsx';
import classes from './SetPage.module.css';

type MembersProps = {
  readonly set: BackupSet;
  readonly part: BackupPart;
  /** Relative to the part; empty: its top. */
  readonly folder: string;
  readonly page: number;
  readonly onFolder: (folder: string) => void;
  readonly onPage: (page: number) => void;
  readonly onRestore: (member: string) => void;
};

/** The files of a part, folder by folder, from the signed list. */
export function Members({ set, part, folder, page, onFolder, onPage, onRestore }: MembersProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const isTree = part.kind === 'tree';
  const { data, error, refetch } = useQuery({ ...membersQuery(set, part.name, folder, page), enabled: isTree });
  const fetchRun = useStartRun();
  const [fetched, setFetched] = useState<{ readonly jobId: string; readonly name: string } | null>(null);
  const { targetId, setId } = set;
  const download = (member: Member, path: string): void =>
    finish(
      fetchRun,
      { kind: 'fetch', targetId, setId, part: part.name, member: path },
      {
        onSuccess: (job) => setFetched({ jobId: job.id, name: member.name }),
        onError: (failure) => sayFailed(t('backups.members.fetchFailed'), errorText(failure)),
      },
    );
  if (!isTree) {
    return (
      <Section title={t('backups.members.title')} padding="flush">
        <p className={classes.note}>{t('backups.members.dump')}</p>
      </Section>
    );
  }
  return (
    <Section title={t('backups.members.title')} padding="flush">
      <Crumbs folder={folder} onFolder={onFolder} />
      {fetched !== null && (
        <div className={classes.fetch}>
          <FetchedFile key={fetched.jobId} jobId={fetched.jobId} name={fetched.name} onClose={() => setFetched(null)} />
        </div>
      )}
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={5} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <p className={classes.note}>{t('backups.members.empty')}</p>
      ) : (
        <>
          <table className={classes.files}>
            <thead>
              <tr>
                <th scope="col">{t('backups.members.name')}</th>
                <th scope="col">{t('backups.members.size')}</th>
                <th scope="col" className={classes.date}>
                  {t('backups.members.modified')}
                </th>
                <td aria-hidden />
              </tr>
            </thead>
            <tbody>
              {data.items.map((member, index) => (
                <MemberLine
                  key={member.path ?? index}
                  member={member}
                  isBusy={fetchRun.isPending}
                  onFolder={onFolder}
                  onDownload={download}
                  onRestore={onRestore}
                />
              ))}
            </tbody>
          </table>
          <Pager page={page} pageSize={membersPageSize} total={data.total} onPage={onPage} />
        </>
      )}
    </Section>
  );
}

function Crumbs({ folder, onFolder }: Pick<MembersProps, 'folder' | 'onFolder'>) {
  const { t } = useTranslation();
  const names = folder === '' ? [] : folder.split('/');
  return (
    <nav className={classes.crumbs} aria-label={t('backups.members.path')}>
      {['', ...names].map((name, index) => {
        const path = names.slice(0, index).join('/');
        const text = index === 0 ? t('backups.members.root') : <bdi>{name}</bdi>;
        return (
          <span key={path} className={classes.fileName}>
            {index > 0 && (
              <span className={classes.separator} aria-hidden>
                /
              </span>
            )}
            {index === names.length ? (
              <span className={classes.crumb} aria-current="page">
                {text}
              </span>
            ) : (
              <UnstyledButton className={classes.crumb ?? ''} onClick={() => onFolder(path)}>
                {text}
              </UnstyledButton>
            )}
          </span>
        );
      })}
    </nav>
  );
}

const icons = { file: IconFile, folder: IconFolder, link: IconLink } as const;

type MemberLineProps = {
  readonly member: Member;
  readonly isBusy: boolean;
  readonly onFolder: (folder: string) => void;
  readonly onDownload: (member: Member, path: string) => void;
  readonly onRestore: (path: string) => void;
};

function MemberLine({ member, isBusy, onFolder, onDownload, onRestore }: MemberLineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, path, type, bytes, modifiedAt } = member;
  const MemberIcon = icons[type];
  const label = (
    <>
      <MemberIcon size={18} stroke={1.6} className={type === 'folder' ? classes.folderIcon : undefined} aria-hidden />
      <ForeignText max={160}>{name}</ForeignText>
    </>
  );
  return (
    <tr>
      <td>
        {type === 'folder' && path !== null ? (
          <UnstyledButton
            className={classes.fileName ?? ''}
            aria-label={t('backups.members.openFolder', { name })}
            onClick={() => onFolder(path)}
          >
            {label}
          </UnstyledButton>
        ) : (
          <span className={classes.fileName}>{label}</span>
        )}
        {path === null && <span className={classes.soft}>{t('backups.members.noPath')}</span>}
      </td>
      <td className={`${classes.quiet} numbers`}>
        {type === 'file' ? format.bytes(bytes) : type === 'link' ? t('backups.members.link') : '—'}
      </td>
      <td className={`${classes.quiet} ${classes.date}`}>
        <time dateTime={modifiedAt}>{format.dateTime(modifiedAt)}</time>
      </td>
      <td className={classes.buttons}>
        {type === 'file' && path !== null && (
          <Tooltip label={t('backups.members.download', { name })}>
            <ActionIcon
              aria-label={t('backups.members.download', { name })}
              disabled={isBusy}
              onClick={() => onDownload(member, path)}
            >
              <IconDownload size={17} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
        {path !== null && (
          <Tooltip label={t('backups.members.restore', { name })}>
            <ActionIcon aria-label={t('backups.members.restore', { name })} onClick={() => onRestore(path)}>
              <IconRestore size={17} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
      </td>
    </tr>
  );
}
