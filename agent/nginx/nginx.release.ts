import { word } from './nginx.words.ts';

export type DeployedContext = {
  /** Who sends it gets the release that is about to be live; nobody else ever sees it. */
  readonly token: string;
  /** Served part of the live release (empty, or `/public`); null: there is none, and the folder itself is served. */
  readonly folder: string | null;
};

/** Header that carries the token. */
export const releaseHeader = 'x-aapanel-release';

/**
 * The served folder of a site that is deployed. It stands behind a link, which is looked at anew for each request: a switch
 * needs no reload, and no request meets half of one.
 */
export function releaseLines(root: string, { token, folder }: DeployedContext): string[] {
  return [
    `set $aapanel_root ${word(folder === null ? root : `${root}/current${folder}`)};`,
    `if ($http_${releaseHeader.replaceAll('-', '_')} = ${word(token)}) {`,
    `    set $aapanel_root ${word(`${root}/next`)};`,
    '}',
    'root $aapanel_root;',
  ];
}
