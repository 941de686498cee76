import { z } from 'zod';
import { filePath } from './file-names.ts';
import { empty, id, type Operation } from './http.ts';

/* Folders of a site that a person has starred. Nobody else sees them. */

/** Of one person in one site. */
export const mostFavourites = 50;

const folder = filePath.min(1);
const params = z.object({ siteId: id });
const path = '/api/v1/sites/{siteId}/file-favourites';

export const fileFavouritesApi = {
  favourites: {
    id: 'listFavouriteFolders',
    method: 'GET',
    path,
    access: 'files.read',
    summary: 'My favourite folders of a site, by path; whether they are still there is not looked at',
    params,
    response: z.object({ items: z.array(z.object({ path: z.string() })) }),
  },
  addFavourite: {
    id: 'addFavouriteFolder',
    method: 'POST',
    path,
    access: 'files.read',
    summary: 'Make a folder one of my favourites; one that is already changes nothing',
    params,
    body: z.strictObject({ path: folder }),
    response: empty,
    status: 204,
  },
  removeFavourite: {
    id: 'removeFavouriteFolder',
    method: 'DELETE',
    path,
    access: 'files.read',
    summary: 'Take a folder off my favourites; the folder itself stays as it is',
    params,
    query: z.strictObject({ path: folder }),
    response: empty,
    status: 204,
  },
} as const satisfies Record<string, Operation>;
