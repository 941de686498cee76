import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import type { FileFinding, FileMatch } from '#shared/file-search.ts';
import type { FakeActions } from '../agent-fake.ts';
import type { Thing, Tree } from './folders.ts';
import { beginningOf } from './transfers.ts';

type Parts = { readonly treeOf: (site: { readonly siteId: string }) => Tree };

/** Of each file so much is searched. */
const mostOfFile = 64 * 1024;

/** Search in the files of memory. On a machine of the fake `fail-ripgrep` is a text that nothing can look for. */
export function createFakeSearch({ treeOf }: Parts): Pick<FakeActions, 'files.search'> {
  return {
    async 'files.search'({ site, path, text, only, except, showsHidden, mostMatches, ...how }, { giveBytes }) {
      const tree = treeOf(site);
      if (path !== '' && tree.get(path)?.type !== 'folder')
        throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: path } });
      if (text === 'fail-ripgrep')
        throw new AppError('not_found', 'ripgrep is not installed.', { reason: 'file_search_missing' });
      const pattern = patternOf(text, how);
      const isWanted = (name: string): boolean => {
        const fits = (glob: string): boolean =>
          posix.matchesGlob(glob.includes('/') ? name : posix.basename(name), glob);
        return (only.length === 0 || only.some(fits)) && !except.some(fits);
      };
      const lines: FileFinding[] = [];
      let matches = 0;
      for (const [each, thing] of tree) {
        const inside = path === '' ? each : each.startsWith(`${path}/`) ? each.slice(path.length + 1) : '';
        if (thing.type !== 'file' || inside === '' || !isWanted(inside)) continue;
        if (!showsHidden && inside.split('/').some((part) => part.startsWith('.'))) continue;
        const found = matchesIn(thing, pattern).slice(0, mostMatches - matches);
        matches += found.length;
        if (found.length > 0) lines.push({ kind: 'found', path: each, matches: found });
      }
      lines.push({ kind: 'end', why: matches >= mostMatches ? 'matches' : 'whole', matches });
      giveBytes?.(Readable.from(lines.map((line) => `${JSON.stringify(line)}\n`)));
      return {};
    },
  };
}

type How = { readonly isRegex: boolean; readonly isCaseSensitive: boolean; readonly isWord: boolean };

function patternOf(text: string, { isRegex, isCaseSensitive, isWord }: How): RegExp {
  const source = isRegex ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  try {
    return new RegExp(isWord ? `\\b(?:${source})\\b` : source, isCaseSensitive ? 'u' : 'iu');
  } catch {
    throw new AppError('invalid_request', 'The expression is none.', { reason: 'file_search_expression' });
  }
}

function matchesIn(thing: Thing, pattern: RegExp): FileMatch[] {
  const content = beginningOf(thing, mostOfFile);
  if (content.includes(0)) return [];
  return content
    .toString()
    .split('\n')
    .flatMap((text, at) => {
      const found = pattern.exec(text);
      if (found === null) return [];
      const end = found.index + found[0].length;
      return [{ line: at + 1, before: text.slice(0, found.index), match: found[0], after: text.slice(end) }];
    });
}
