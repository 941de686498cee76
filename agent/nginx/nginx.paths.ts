import { isCleanPath, withoutQuery } from '#shared/behaviour/clean-paths.ts';
import type { Directive } from './nginx.tokens.ts';

/** Arguments of `try_files`, `error_page` and the like. Behind the `?` of an address nothing is a path. */
export function areCleanPaths({ name, args }: Directive): boolean {
  return args.every((each, index) => {
    const isAddress = name !== 'try_files' || index === args.length - 1;
    return isCleanPath(isAddress ? withoutQuery(each) : each);
  });
}
