// The description as a page: every operation with who may, what it takes and answers, and a call to
// copy. No script.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { openRouter } from '../caller/declared_pages.ts';
import { LANGUAGES, languageOf, t, type Language } from '../platform/locale.ts';
import { make, serve, type Made } from '../platform/http/made.ts';
import type { Answer, Operation } from '../platform/http/doors.ts';
import type { Render } from '../platform/http/render.ts';
import { codesOf, scopesOf, tagOf, type DescriptionSettings } from './document_model.ts';
import { exampleOf, type Example } from './example_model.ts';
import { sampleOf } from './sample_model.ts';
import { memberWords, parameterWords } from './words_model.ts';
import { isOptional } from '../platform/http/reading.ts';
import type { TSchema } from '../platform/http/shapes.ts';
import { asText } from '../platform/as_text.ts';

/** A row for the page, which is made here in each language: the same for everybody. */
export async function docsPages(
  operations: Operation[],
  settings: DescriptionSettings,
  render: Render,
): Promise<Router> {
  const made = new Map<Language, Made>();
  for (const language of LANGUAGES) {
    const groups = [...Map.groupBy(operations, tagOf)].map(([name, all]) => ({
      name,
      id: name.toLowerCase().replaceAll(/\W+/g, '-'),
      operations: all.map((one) => shown(one, settings, language)),
    }));
    const place = { path: '/docs', search: '', language };
    const title = t(language, 'docs.title');
    const page = { view: 'description/docs', title, wide: true, data: { groups } };
    made.set(language, await make('text/html; charset=utf-8', render.text(place, page)));
  }
  return openRouter(() => made, [{ id: 'docs', path: '/docs', answer: show }]);
}

function show(ctx: Context, made: Map<Language, Made>): void {
  const language = languageOf(ctx);
  ctx.set('content-language', language);
  ctx.vary('accept-language');
  ctx.vary('cookie');
  // A cache of several persons would keep the cookie of a language with it.
  ctx.set('cache-control', 'private, max-age=300');
  serve(ctx, made.get(language)!);
}

function shown(operation: Operation, settings: DescriptionSettings, language: Language) {
  const { id, method, paths, summary, who, path = {}, query = {}, body, answers } = operation;
  const kind = who.kind === 'token' ? who.as : who.kind;
  const { as } = exampleOf(id) ?? {};
  return {
    id,
    method,
    path: paths[0],
    others: paths.slice(1),
    summary,
    who: t(language, `docs.who.${kind}`),
    scopes: scopesOf(operation),
    parameters: [
      ...Object.keys(path).map((name) => ({
        name,
        required: true,
        description: parameterWords(id, 'path', name),
      })),
      ...Object.entries(query as Record<string, TSchema>).map(([name, schema]) => ({
        name,
        required: !isOptional(schema) && !('default' in schema),
        description: parameterWords(id, 'query', name),
      })),
    ],
    members: membersOf(id, body),
    answers: Object.entries(answers as Record<string, Answer>).map(([status, answer]) => ({
      status,
      description: answer.description,
      sample: answer.schema ? JSON.stringify(sampleOf(answer.schema), null, 2) : undefined,
    })),
    codes: [...new Set(codesOf(operation))].map((code) => ({
      code,
      detail: settings.codes[code]?.detail,
    })),
    as: as && t(language, 'docs.as', { name: as }),
    curl: curlOf(operation, settings.issuer),
  };
}

/** Members of a body, those that it cannot do without first. */
function membersOf(id: string, body: TSchema | undefined) {
  const {
    properties = {},
    required = [],
    'x-name': named,
  } = (body ?? {}) as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
    'x-name'?: string;
  };
  return Object.entries(properties)
    .map(([name, { description }]) => ({
      name,
      required: required.includes(name),
      description: description ?? memberWords([named ?? id, name]),
    }))
    .sort((a, b) => Number(b.required) - Number(a.required));
}

/** A call that can be copied: the token and what is in capitals are the reader's own. */
function curlOf(operation: Operation, issuer: string): string {
  const { id, method, paths, who, path = {}, query = {}, body, handle, bodyOptional } = operation;
  const example: Partial<Example> = exampleOf(id) ?? {};
  const values = { ...samples(path), ...example.path };
  const where = paths[0].replace(/:(\w+)/g, (_whole, name: string) => asText(values[name] ?? name));
  const asked = new URLSearchParams({ ...samples(query), ...example.query });
  const lines = [`curl -X ${method} '${issuer}${where}${asked.size ? `?${asked}` : ''}'`];
  if (who.kind === 'token') lines.push(`-H "authorization: Bearer $TOKEN"`);
  if (body && !handle) {
    const form = new URLSearchParams((example.body ?? sampleOf(body)) as Record<string, string>);
    lines.push(`--data '${form}'`);
  } else if (body && (!bodyOptional || example.body)) {
    const sent = JSON.stringify(example.body ?? sampleOf(body));
    lines.push(`-H 'content-type: application/json'`, `--data '${sent.replaceAll("'", "'\\''")}'`);
  }
  return lines.join(' \\\n  ');
}

/** The parameters that a call cannot do without. */
function samples(schemas: Record<string, TSchema>): Record<string, string> {
  const needed = Object.entries(schemas).filter(
    ([, schema]) => !isOptional(schema) && !('default' in schema),
  );
  return Object.fromEntries(
    needed.map(([name, schema]) => [name, [sampleOf(schema)].flat().join()]),
  );
}
