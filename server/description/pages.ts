// The description as a page: every operation with who may, what it takes and answers, and a call to
// copy. No script.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { openRouter } from '../caller/declared_pages.ts';
import { LANGUAGES, languageOf, t, type Language } from '../platform/locale.ts';
import { madeOnce, serve, type Made } from '../platform/http/made.ts';
import type { Answer, Operation } from '../platform/http/doors.ts';
import type { Render } from '../platform/http/render.ts';
import { codesOf, scopesOf, tagOf, type DescriptionSettings } from './document_model.ts';
import { demoCallsOf, HELPERS, ownCallOf } from './call_model.ts';
import { shownOf } from './example_model.ts';
import { sampleOf } from './sample_model.ts';
import { memberWords, parameterWords } from './words_model.ts';
import { isOptional } from '../platform/http/reading.ts';
import type { TSchema } from '../platform/http/shapes.ts';

interface PageSettings extends DescriptionSettings {
  /** Whether the demo's world is there, whose people and machines call. */
  isDemo: boolean;
}

/** The page of each language. */
type MadePages = Map<Language, () => Promise<Made>>;

/** A row for the page, which is the same for everybody in a language. */
export function docsPages(operations: Operation[], settings: PageSettings, render: Render): Router {
  const { isDemo, issuer } = settings;
  const byId = new Map(operations.map((one) => [one.id, one]));
  const calls = new Map(
    operations.map((one) => [
      one.id,
      isDemo ? demoCallsOf(one.id, byId, issuer) : ownCallOf(one, issuer),
    ]),
  );
  const page = (language: Language) => {
    const groups = [...Map.groupBy(operations, tagOf)].map(([name, all]) => ({
      name,
      id: name.toLowerCase().replaceAll(/\W+/g, '-'),
      operations: all.map((one) => ({
        ...shown(one, settings, language),
        calls: calls.get(one.id),
      })),
    }));
    const place = { path: '/docs', search: '', language };
    const title = t(language, 'docs.title');
    return render.text(place, {
      view: 'description/docs',
      title,
      wide: true,
      data: { groups, helpers: isDemo ? HELPERS : undefined },
    });
  };
  const made: MadePages = new Map(
    LANGUAGES.map((language) => [
      language,
      madeOnce('text/html; charset=utf-8', () => page(language)),
    ]),
  );
  return openRouter(() => made, [{ id: 'docs', path: '/docs', answer: show }]);
}

async function show(ctx: Context, made: MadePages): Promise<void> {
  const language = languageOf(ctx);
  ctx.set('content-language', language);
  ctx.vary('accept-language');
  ctx.vary('cookie');
  // A cache of several persons would keep the cookie of a language with it.
  ctx.set('cache-control', 'private, max-age=300');
  serve(ctx, await made.get(language)!());
}

function shown(operation: Operation, settings: PageSettings, language: Language) {
  const { id, method, paths, summary, who, path = {}, query = {}, body, answers } = operation;
  const kind = who.kind === 'token' ? who.as : who.kind;
  const { as } = shownOf(id);
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
    as: as && settings.isDemo ? t(language, 'docs.as', { name: as }) : undefined,
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
