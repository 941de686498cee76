import { Button, FileButton, Progress, TextInput, UnstyledButton } from '@mantine/core';
import { IconCornerLeftUp, IconFileDatabase, IconFolder, IconUpload } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { joinPath, nameOfFile, parentOf } from '../files/file-paths.ts';
import { filePageQuery } from '../files/files.queries.ts';
import { addUploads, decideUploads, useUploads, whenUploaded } from '../files/uploads.ts';
import classes from './Imports.module.css';

type FileChoiceProps = {
  readonly siteId: string;
  /** Names of files that can be chosen. */
  readonly pattern: RegExp;
  readonly accept: string;
  readonly value: string | null;
  readonly onChange: (path: string | null) => void;
};

/** A file in the folder of a site, or one that is sent there now. */
export function FileChoice({ siteId, pattern, accept, value, onChange }: FileChoiceProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [folder, setFolder] = useState('');
  const [filter, setFilter] = useState('');
  const listing = { path: folder, sort: 'name', isDescending: false, showsHidden: false, filter } as const;
  const { data, error, refetch } = useQuery({
    ...filePageQuery(siteId, listing, 0),
    placeholderData: keepPreviousData,
  });
  const shown = (data?.entries ?? []).filter(
    ({ type, name }) => type === 'folder' || (type === 'file' && pattern.test(name)),
  );
  const go = (path: string): void => {
    setFolder(path);
    setFilter('');
  };
  return (
    <div className={classes.choice}>
      <div className={classes.bar}>
        <span className={classes.place}>
          <ForeignText>{folder === '' ? '/' : `/${folder}`}</ForeignText>
        </span>
        <TextInput
          size="xs"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          placeholder={t('databaseImports.filter')}
          aria-label={t('databaseImports.filter')}
          autoComplete="off"
        />
      </div>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={3} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <ul className={classes.entries}>
          {folder !== '' && (
            <li>
              <UnstyledButton className={classes.entry} onClick={() => go(parentOf(folder))}>
                <IconCornerLeftUp size={17} aria-hidden className="mirrored" />
                <span>{t('databaseImports.up')}</span>
              </UnstyledButton>
            </li>
          )}
          {shown.map(({ name, type, sizeBytes, modifiedAt }) => {
            const path = joinPath(folder, name);
            const isFolder = type === 'folder';
            return (
              <li key={name}>
                <UnstyledButton
                  className={classes.entry}
                  data-chosen={path === value}
                  {...(isFolder ? {} : { 'aria-pressed': path === value })}
                  onClick={() => (isFolder ? go(path) : onChange(path))}
                >
                  {isFolder ? <IconFolder size={17} aria-hidden /> : <IconFileDatabase size={17} aria-hidden />}
                  <span className={classes.entryName}>
                    <ForeignText>{name}</ForeignText>
                  </span>
                  {!isFolder && (
                    <span className={classes.soft}>
                      {format.bytes(sizeBytes)} · {format.ago(modifiedAt)}
                    </span>
                  )}
                </UnstyledButton>
              </li>
            );
          })}
          {shown.length === 0 && <li className={classes.none}>{t('databaseImports.none')}</li>}
        </ul>
      )}
      <Sending siteId={siteId} folder={folder} accept={accept} onSent={onChange} />
    </div>
  );
}

type SendingProps = {
  readonly siteId: string;
  readonly folder: string;
  readonly accept: string;
  readonly onSent: (path: string) => void;
};

/** Goes on while the person looks at other pages; a file of the same name is not written over. */
function Sending({ siteId, folder, accept, onSent }: SendingProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('files.write');
  const client = useQueryClient();
  const [sentName, setSentName] = useState<string | null>(null);
  const upload = useUploads(siteId).findLast(({ path }) => path === sentName);
  useEffect(
    () => whenUploaded(() => void client.invalidateQueries({ queryKey: ['site', siteId, 'files'] })),
    [client, siteId],
  );
  const isDone = upload?.state === 'done';
  useEffect(() => {
    if (isDone && sentName !== null) onSent(sentName);
  }, [isDone, sentName, onSent]);
  return (
    <div className={classes.sending}>
      <FileButton
        accept={accept}
        disabled={!mayWrite}
        onChange={(file) => {
          if (file === null) return;
          const path = joinPath(folder, nameOfFile(file.name));
          setSentName(path);
          addUploads(siteId, [{ file, path }]);
        }}
      >
        {(props) => (
          <Button
            {...props}
            variant="default"
            size="xs"
            disabled={!mayWrite}
            leftSection={<IconUpload size={15} aria-hidden />}
          >
            {t('databaseImports.send')}
          </Button>
        )}
      </FileButton>
      {upload !== undefined && upload.state === 'conflict' && (
        <Notice tone="warn" title={t('databaseImports.taken')}>
          <Button size="xs" variant="default" onClick={() => decideUploads([upload.key], 'replace')}>
            {t('databaseImports.replace')}
          </Button>
        </Notice>
      )}
      {upload !== undefined && upload.state === 'failed' && (
        <Notice tone="bad" role="alert">
          {errorText(upload.error)}
        </Notice>
      )}
      {upload !== undefined && ['waiting', 'sending', 'broken', 'checking'].includes(upload.state) && (
        <>
          <Progress
            value={upload.sizeBytes === 0 ? 100 : (upload.sentBytes / upload.sizeBytes) * 100}
            size="sm"
            aria-label={t('databaseImports.sending')}
          />
          <span className={classes.soft}>
            {t('databaseImports.sent', {
              done: format.bytes(upload.sentBytes),
              all: format.bytes(upload.sizeBytes),
            })}
          </span>
        </>
      )}
    </div>
  );
}
