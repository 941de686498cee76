import { Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FileCommands } from './file-commands.ts';
import classes from './Files.module.css';

type FileMenuProps = {
  readonly at: { readonly x: number; readonly y: number };
  readonly commands: FileCommands;
  readonly onClose: () => void;
};

/** What can be done with what is selected, where somebody pressed the right button. */
export function FileMenu({ at, commands, onClose }: FileMenuProps) {
  const { t } = useTranslation();
  const { canWrite, count, folder, held } = commands;
  return (
    <Menu opened onClose={onClose} position="bottom-start" withinPortal>
      <Menu.Target>
        <span aria-hidden className={classes.point} style={{ top: at.y, left: at.x }} />
      </Menu.Target>
      <Menu.Dropdown>
        {folder === null ? (
          <>
            <Menu.Item disabled={!commands.isFile} onClick={commands.edit}>
              {t(commands.isArchive ? 'files.archive.open' : 'files.edit')}
            </Menu.Item>
            <Menu.Item disabled={!commands.isFile} onClick={commands.share}>
              {t('fileLinks.share')}
            </Menu.Item>
          </>
        ) : (
          <Menu.Item onClick={() => commands.openTab(folder)}>{t('files.openTab')}</Menu.Item>
        )}
        <Menu.Item onClick={commands.download}>{t(commands.isFile ? 'files.download' : 'files.downloadAll')}</Menu.Item>
        <Menu.Item disabled={!canWrite || count !== 1} onClick={commands.rename}>
          {t('files.rename')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite} onClick={() => commands.hold('move')}>
          {t('files.cut')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite} onClick={() => commands.hold('copy')}>
          {t('files.copy')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite || held === null} onClick={commands.paste}>
          {t('files.paste')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite} onClick={commands.pack}>
          {t('files.archive.pack')}
        </Menu.Item>
        <Menu.Item onClick={commands.mode}>{t('files.mode')}</Menu.Item>
        <Menu.Item disabled={!canWrite || count !== 1} onClick={commands.remark}>
          {t('files.remark.edit')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" disabled={!canWrite} onClick={commands.remove}>
          {t('files.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
