import type { JobHandler } from './core/jobs/handler.ts';
import { archivesUnpackHandler } from './features/archives/unpack.logic.ts';
import { backupsRunHandler } from './features/backups/runs.logic.ts';
import { certificatesIssueHandler, certificatesRevokeHandler } from './features/certificates/issue.logic.ts';
import { databasesRunHandler } from './features/databases/databases.logic.ts';
import { dependenciesRunHandler } from './features/dependencies/run.logic.ts';
import { deploymentsRunHandler } from './features/deployments/run.logic.ts';
import { doorsCertificateHandler } from './features/doors/order-certificate.ts';
import { filesWorkHandler } from './features/files/file-work.logic.ts';
import { sitesBatchHandler } from './features/sites/site-batch.ts';
import { sitesExportHandler } from './features/site-files/export-run.ts';
import { sitesCopyHandler } from './features/sites/site-copy-run.ts';
import {
  softwareInstallHandler,
  softwareRemoveHandler,
  softwareUpdateHandler,
  updatesInstallHandler,
} from './features/software/software.logic.ts';
import { wordpressInstallHandler } from './features/wordpress/install.logic.ts';

/** Every kind of durable job and who carries it out, sorted. */
export const jobHandlers: readonly JobHandler[] = [
  archivesUnpackHandler,
  backupsRunHandler,
  certificatesIssueHandler,
  certificatesRevokeHandler,
  databasesRunHandler,
  dependenciesRunHandler,
  deploymentsRunHandler,
  doorsCertificateHandler,
  filesWorkHandler,
  sitesBatchHandler,
  sitesCopyHandler,
  sitesExportHandler,
  softwareInstallHandler,
  softwareRemoveHandler,
  softwareUpdateHandler,
  updatesInstallHandler,
  wordpressInstallHandler,
];
