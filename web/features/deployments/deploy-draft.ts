import type { SiteDeploy } from '#shared/site-deploy.ts';
import { pathsOf, stepsOf, textOfSteps } from './build-lines.ts';
import type { DeployInput } from './deployments.queries.ts';

/** How a release is made, as it is typed: lists are one text until they are sent. */
export type MakeDraft = {
  readonly folder: string;
  readonly build: string;
  readonly sharedFolders: string;
  readonly sharedFiles: string;
  readonly keep: number;
  /** Empty: nothing is asked. */
  readonly healthPath: string;
  readonly memoryMb: number;
  readonly minutes: number;
};

export function newMakeDraft(kind: 'php' | 'static'): MakeDraft {
  return {
    folder: '',
    build: '',
    sharedFolders: '',
    sharedFiles: kind === 'php' ? '.env' : '',
    keep: 5,
    healthPath: '/',
    memoryMb: 2_048,
    minutes: 30,
  };
}

export function toMakeDraft(deploy: SiteDeploy): MakeDraft {
  const { folder, build, sharedFolders, sharedFiles, keep, healthPath, memoryMb, minutes } = deploy;
  return {
    folder: folder.replace(/^\//, ''),
    build: textOfSteps(build),
    sharedFolders: sharedFolders.join('\n'),
    sharedFiles: sharedFiles.join('\n'),
    keep,
    healthPath: healthPath ?? '',
    memoryMb,
    minutes,
  };
}

export function fromMakeDraft(draft: MakeDraft, source: DeployInput['source']): DeployInput {
  const folder = draft.folder.trim().replaceAll(/^\/+|\/+$/g, '');
  const { keep, memoryMb, minutes } = draft;
  return {
    source,
    folder: folder === '' ? '' : `/${folder}`,
    build: stepsOf(draft.build),
    sharedFolders: pathsOf(draft.sharedFolders),
    sharedFiles: pathsOf(draft.sharedFiles),
    keep,
    healthPath: draft.healthPath.trim() === '' ? null : draft.healthPath.trim(),
    memoryMb,
    minutes,
  };
}
