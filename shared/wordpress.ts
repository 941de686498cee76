import { z } from 'zod';
import { databaseName, databaseUser } from './databases.ts';
import { id, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { phpExtensions } from './php-extensions.ts';

/** Languages that WordPress can speak from its first page on. */
export const wordpressLanguages = ['ar', 'en'] as const;
export type WordpressLanguage = (typeof wordpressLanguages)[number];

/** `latest`, or a release such as `6.8.1`. */
export const wordpressVersion = z
  .string()
  .regex(/^(latest|\d{1,2}\.\d{1,2}(\.\d{1,2})?)$/, { error: 'wordpress_version_invalid' });

/** From its makers, checked by their sum, or an archive that was sent to the site before. */
export const wordpressSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('download'),
    version: wordpressVersion.default('latest'),
    language: z.enum(wordpressLanguages).default('en'),
  }),
  z.strictObject({ kind: z.literal('archive'), uploadId: id }),
]);
export type WordpressSource = z.output<typeof wordpressSource>;

/** In front of the names of its tables. */
export const tablePrefix = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,15}_$/, { error: 'table_prefix_invalid' });

/** What the agent puts into `wp-config.php` besides random salts; the password it has itself. */
export const wordpressApp = z.strictObject({ kind: z.literal('wordpress'), databaseId: id, tablePrefix });
export type WordpressApp = z.output<typeof wordpressApp>;

/** Of PHP: without the first it does not run, without the others parts of it do not. */
export const wordpressExtensions = [
  'mysql',
  'curl',
  'gd',
  'mbstring',
  'xml',
  'zip',
] as const satisfies readonly (typeof phpExtensions)[number][];

export const wordpressInstall = z.strictObject({
  source: wordpressSource,
  /** Absent: from the site's first domain. */
  database: z.strictObject({ name: databaseName, user: databaseUser }).optional(),
  tablePrefix: tablePrefix.default('wp_'),
  /** The site was made for this: when it fails, the site goes too. Needs `sites.delete`. */
  removesSite: z.boolean().default(false),
});

const siteParams = z.object({ siteId: id });
const path = '/api/v1/sites/{siteId}/wordpress';

export const wordpressApi = {
  state: {
    id: 'getSiteWordpress',
    method: 'GET',
    path,
    access: 'sites.read',
    summary: 'What WordPress would need in a PHP site, and its last installation',
    params: siteParams,
    response: z.object({
      /** Of PHP, to be installed with it. */
      missingExtensions: z.array(z.string()),
      /** null: the installation was never asked for. */
      job: job.nullable(),
    }),
  },
  install: {
    id: 'installWordpress',
    method: 'POST',
    path,
    access: 'sites.write',
    summary: 'Install WordPress into an empty PHP site with a database of its own, as a job; what fails is taken back',
    params: siteParams,
    body: wordpressInstall,
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
