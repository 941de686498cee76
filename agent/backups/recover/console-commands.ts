/** Commands of the console about backups: what they take is in console-backups.ts, which is loaded only for them. */
export const backupCommands = ['backup-recover', 'backup-import', 'backup-import-legacy'] as const;
export type BackupCommand = (typeof backupCommands)[number];

export const isBackupCommand = (text: string | undefined): text is BackupCommand =>
  backupCommands.some((each) => each === text);
