import { errorCodes } from '#shared/errors.ts';
import type { OpenapiDocument, OperationEntry, Parameter, Schema } from './reference.document.ts';
import { pageStyle } from './reference.style.ts';
import { arabicFeatures, arabicHeaders, arabicSummaries, pageTexts, type PageLanguage } from './reference.texts.ts';

type Texts = (typeof pageTexts)[PageLanguage];

/** The whole page, without a script: folding is done by `details`, both themes and directions by the style. */
export function renderReference(document: OpenapiDocument, language: PageLanguage, nonce: string): string {
  const t: Texts = pageTexts[language];
  const other = language === 'ar' ? 'en' : 'ar';
  const features = document.tags.map(({ name }) => ({ name, operations: operationsOf(document, name) }));
  const titleOf = (feature: string) => (language === 'ar' ? (arabicFeatures[feature] ?? feature) : feature);
  return `<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(t.title)} · aaPanel</title>
<link rel="icon" href="/favicon.svg">
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<a class="skip" href="#operations">${escape(t.skip)}</a>
<header>
<h1>${escape(t.title)}</h1>
<nav>
<a href="/">${escape(t.back)}</a>
<a href="/api/docs/openapi.json">${escape(t.document)}</a>
<a href="?lang=${other}" lang="${other}" hreflang="${other}">${escape(t.other)}</a>
</nav>
<p>${escape(t.intro)}</p>
</header>
<nav class="features" aria-label="${escape(t.operations)}">
${features.map(({ name }) => `<a href="#feature-${escape(name)}">${escape(titleOf(name))}</a>`).join('\n')}
<a href="#shapes">${escape(t.shapes)}</a>
</nav>
<main id="operations">
${features
  .map(
    ({ name, operations }) => `<section id="feature-${escape(name)}">
<h2>${escape(titleOf(name))}</h2>
${operations.map((operation) => renderOperation(operation, language, t)).join('\n')}
</section>`,
  )
  .join('\n')}
<section id="shapes">
<h2>${escape(t.shapes)}</h2>
${Object.entries(document.components.schemas)
  .map(
    ([name, schema]) => `<details id="shape-${escape(name)}">
<summary>${code(name)}</summary>
${renderSchema(schema, t)}
</details>`,
  )
  .join('\n')}
</section>
</main>
</body>
</html>
`;
}

type Operation = { readonly method: string; readonly path: string; readonly entry: OperationEntry };

function operationsOf({ paths }: OpenapiDocument, feature: string): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(feature))
      .map(([method, entry]) => ({ method: method.toUpperCase(), path, entry })),
  );
}

function renderOperation({ method, path, entry }: Operation, language: PageLanguage, t: Texts): string {
  const { operationId, summary, parameters = [], requestBody, responses } = entry;
  const said = language === 'ar' ? (arabicSummaries[operationId] ?? summary) : summary;
  const access = entry['x-permission'];
  const shown = access === 'public' || access === 'signedIn' ? escape(t[access]) : code(access);
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  const answers = Object.entries(responses).filter(([status]) => status !== 'default');
  return `<details id="${escape(operationId)}">
<summary><span class="method ${method.toLowerCase()}" dir="ltr">${method}</span> ${code(path)} <span>${escape(said)}</span></summary>
<p>${escape(t.permission)}: ${shown} · ${code(operationId)}</p>
${parameters.length === 0 ? '' : `<h3>${escape(t.parameters)}</h3>\n${renderParameters(parameters, language, t)}`}
${body === undefined ? '' : `<h3>${escape(t.body)}</h3>\n${renderSchema(body, t)}`}
${answers
  .map(([status, { content = {} }]) => {
    const [type, schema] = Object.entries(content)[0] ?? [];
    const note = type === undefined ? t.noBody : type === 'text/event-stream' ? t.stream : '';
    return `<h3>${escape(t.answer)} ${code(status)} ${escape(note)}</h3>
${schema === undefined ? '' : renderSchema(schema.schema, t)}`;
  })
  .join('\n')}
<p>${escape(t.errors)}: <a href="#shape-Problem">${code('Problem')}</a> · ${Object.keys(errorCodes).map(code).join(' ')}</p>
</details>`;
}

function renderParameters(parameters: readonly Parameter[], language: PageLanguage, t: Texts): string {
  const rows = parameters.map(({ name, in: place, required, description = '', schema }) => {
    const said = language === 'ar' ? (arabicHeaders[name] ?? description) : description;
    const note = [required ? escape(t.required) : '', limitsOf(schema, t), escape(said)];
    return `<tr><th scope="row">${code(name)}</th><td>${escape(t[place])}</td><td>${typeOf(schema)}</td><td>${joined(note)}</td></tr>`;
  });
  return table([t.name, t.place, t.type, t.limits], rows);
}

/** Objects as a table of their properties, nested ones below; everything else as one line. */
function renderSchema(schema: Schema, t: Texts): string {
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches !== undefined && branches.some(({ properties }) => properties !== undefined)) {
    return `<p>${escape(t.oneOf)}</p>\n${branches.map((branch) => renderSchema(branch, t)).join('\n')}`;
  }
  if (schema.items?.properties !== undefined) return `<p>${typeOf(schema)}</p>\n${renderSchema(schema.items, t)}`;
  if (schema.properties === undefined) return `<p>${typeOf(schema)} ${limitsOf(schema, t)}</p>`;
  const { properties, required = [] } = schema;
  const rows = Object.entries(properties).map(([name, property]) => {
    const note = [required.includes(name) ? escape(t.required) : '', limitsOf(property, t)];
    const nested = property.properties ?? property.items?.properties;
    const below =
      nested === undefined ? '' : `<tr><td colspan="3">${renderSchema(property.items ?? property, t)}</td></tr>`;
    return `<tr><th scope="row">${code(name)}</th><td>${typeOf(property)}</td><td>${joined(note)}</td></tr>${below}`;
  });
  return table([t.name, t.type, t.limits], rows);
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `<a href="#shape-${escape(name)}">${code(name)}</a>`;
  }
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(JSON.stringify(value))).join(' ');
  if (schema.items !== undefined) return `<bdi dir="ltr">${typeOf(schema.items)}${code('[]')}</bdi>`;
  if (schema.prefixItems !== undefined) return `${code('[')}${schema.prefixItems.map(typeOf).join(', ')}${code(']')}`;
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches !== undefined) return branches.map(typeOf).join(' | ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any']);
  return code(types.join(' | '));
}

/** Bounds in the notation of JSON Schema, which is the same in every language. */
function limitsOf(schema: Schema, t: Texts): string {
  const keys = ['format', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'pattern'] as const;
  const bounds = keys.flatMap((key) => {
    const value = schema[key];
    return value === undefined || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER ? [] : [code(`${key}: ${value}`)];
  });
  if (schema.default !== undefined) bounds.push(`${escape(t.defaultValue)} ${code(JSON.stringify(schema.default))}`);
  return bounds.join(' ');
}

function table(heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((text) => `<th scope="col">${escape(text)}</th>`).join('');
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function code(text: string): string {
  return `<bdi dir="ltr"><code>${escape(text)}</code></bdi>`;
}

export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
