import type { Handlers } from '../core/handlers.ts';
import { findFpmMaster } from './php.process.ts';
import { installedVersions } from './php.versions.ts';

export const phpHandlers: Pick<Handlers, Extract<keyof Handlers, `php.${string}`>> = {
  'php.versions': ({ prefix }) =>
    Promise.resolve({
      items: installedVersions(prefix)
        .toReversed()
        .map((version) => ({ version, isRunning: findFpmMaster(prefix, version) !== undefined })),
    }),
};
