import { z } from 'zod';
import { me } from '#shared/accounts.ts';
import { api } from '#shared/api.ts';
import { auditRow } from '#shared/audit.ts';
import { errorCodes } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import { job } from '#shared/jobs.ts';
import { fieldError, problem } from '#shared/problem.ts';
import { panelSettings, preferences } from '#shared/settings.ts';
import { logChunk, site, siteChange, siteDomain, siteResult } from '#shared/sites.ts';
import { systemSample } from '#shared/system.ts';

type Json = Readonly<Record<string, unknown>>;
type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => Json;

/** Shapes that stand once under `components` and are referred to by name. */
const named = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({
  AuditRow: auditRow,
  FieldError: fieldError,
  Job: job,
  LogChunk: logChunk,
  Me: me,
  PanelSettings: panelSettings,
  Preferences: preferences,
  Problem: problem,
  Site: site,
  SiteChange: siteChange,
  SiteDomain: siteDomain,
  SiteResult: siteResult,
  SystemSample: systemSample,
})) {
  named.add(schema, { id });
}

/** OpenAPI 3.1 of every operation in `shared/api.ts`. */
export function generate(): { path: string; content: string }[] {
  return [{ path: 'docs/openapi.json', content: `${JSON.stringify(openapiDocument(), null, 2)}\n` }];
}

/** Deterministic: features and operations in the order of `shared/api.ts`. */
export function openapiDocument(): Json {
  const schemas: Record<string, unknown> = {};
  const schemaOf: SchemaOf = (schema, io) => {
    const { $schema: _, ...whole } = z.toJSONSchema(schema, {
      io,
      metadata: named,
      unrepresentable: 'any',
      target: 'draft-2020-12',
    });
    // A shape that reads differently when it is sent has a name of its own.
    const suffix = io === 'input' ? 'Input' : '';
    const text = JSON.stringify(whole).replaceAll(/"#\/\$defs\/(\w+)"/g, `"#/components/schemas/$1${suffix}"`);
    const { $defs = {}, id, ...rest } = JSON.parse(text) as Record<string, unknown>;
    for (const [name, definition] of Object.entries($defs as Record<string, Json>)) {
      schemas[`${name}${suffix}`] = withoutId(definition);
    }
    if (typeof id !== 'string') return rest;
    schemas[`${id}${suffix}`] = rest;
    return { $ref: `#/components/schemas/${id}${suffix}` };
  };
  schemaOf(problem, 'output');
  const paths: Record<string, Record<string, Json>> = {};
  for (const [feature, operations] of Object.entries(api)) {
    for (const operation of Object.values(operations as Record<string, Operation>)) {
      const path = (paths[operation.path] ??= {});
      path[operation.method.toLowerCase()] = describe(feature, operation, schemaOf);
    }
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'aaPanel API',
      version: '1',
      description:
        'Sign in with a session cookie. Every request but GET needs the header `X-Aapanel: 1` and an `Origin` equal to ' +
        'the address of the panel. Errors are `application/problem+json` with a stable `code`; unknown fields are refused.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }],
    tags: Object.keys(api).map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-aapanel',
          description: '`aapanel_dev` on plain HTTP in development.',
        },
      },
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      responses: {
        Problem: {
          description: `An error. Codes: ${Object.keys(errorCodes).join(', ')}`,
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function describe(feature: string, operation: Operation, schemaOf: SchemaOf): Json {
  const { access } = operation;
  const parameters = [
    ...parametersOf(operation.params, 'path', schemaOf),
    ...parametersOf(operation.query, 'query', schemaOf),
    ...headersOf(operation),
  ];
  return {
    operationId: operation.id,
    tags: [feature],
    summary: operation.summary,
    'x-permission': access,
    ...(access === 'public' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(operation.body, 'input') } },
          },
        }),
    ...(operation.bytesMost === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
          },
        }),
    responses: {
      [String(operation.status ?? 200)]: answerOf(operation, schemaOf),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function answerOf(operation: Operation, schemaOf: SchemaOf): Json {
  if (operation.status === 204) return { description: 'Done' };
  const type = operation.stream === true ? 'text/event-stream' : 'application/json';
  const description =
    operation.stream === true ? 'Server-sent events; the schema is the data of one event' : 'The answer';
  const text = operation.textType === undefined ? {} : { [operation.textType]: { schema: { type: 'string' } } };
  return { description, content: { ...text, [type]: { schema: schemaOf(operation.response, 'output') } } };
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query', schemaOf: SchemaOf): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: value,
  }));
}

function headersOf({ method, access }: Operation): Json[] {
  const header = (name: string, description: string, schema: Json, required = false): Json => ({
    name,
    in: 'header',
    required,
    description,
    schema,
  });
  if (method === 'GET') return [];
  const headers = [header('X-Aapanel', 'Proves that no foreign form sent this', { const: '1' }, true)];
  if (method === 'POST' && access !== 'public') {
    headers.push(
      header('Idempotency-Key', 'The same key and body give the same answer for 24 hours', {
        type: 'string',
        maxLength: 200,
      }),
    );
  }
  if (method === 'PATCH' || method === 'PUT') {
    headers.push(
      header('If-Match', 'The ETag that was read; 412 when it is no longer true. Ignored where reads have no ETag', {
        type: 'string',
      }),
    );
  }
  return headers;
}

/** zod repeats the name inside; JSON Schema has no such keyword. */
function withoutId(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== 'id'));
}
