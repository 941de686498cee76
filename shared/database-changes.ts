import { z } from 'zod';
import { database, databaseName, databasePassword, databaseUser } from './databases.ts';
import { id, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * Another name or another owner for a database. Whoever uses it has to be told: the panel changes no application.
 */

const params = z.object({ databaseId: id });

export const databaseOwner = z.strictObject({
  user: databaseUser,
  /** Of a role that is there already; a new one gets this or, absent, a random one. */
  password: databasePassword.nullable().default(null),
});

export const databaseChangesApi = {
  /** 404 for a database of others, as for the following. */
  rename: {
    id: 'renameDatabase',
    method: 'POST',
    path: '/api/v1/databases/{databaseId}/name',
    access: 'databases.manage',
    summary: 'Give a database another name, after a fresh factor, as a job; it ends with the old name or the new one',
    params,
    body: z.strictObject({ name: databaseName }),
    response: job,
    status: 202,
  },
  changeOwner: {
    id: 'changeDatabaseOwner',
    method: 'PUT',
    path: '/api/v1/databases/{databaseId}/owner',
    access: 'databases.manage',
    summary: 'Give a PostgreSQL database and all that is in it to another role, after a fresh factor',
    params,
    body: databaseOwner,
    response: database,
  },
} as const satisfies Record<string, Operation>;
