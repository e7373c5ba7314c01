// Pages that everybody may read, logged in or not: help, who is responsible for the data that is
// kept, and how well the pages can be used. The operator's own words are where the settings say.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { openRouter } from '../caller/declared_pages.ts';
import { loggedIn, type Whoever } from '../caller/pages.ts';
import type { Env } from '../platform/env/env.ts';
import { openToAll } from '../platform/http/compress.ts';
import { languageOf, t } from '../platform/locale.ts';
import type { Render } from '../platform/http/render.ts';

const HELP = ['consent', 'mandate', 'stop', 'not_me', 'others', 'other_self', 'code'];
const PRIVACY = ['kept', 'from', 'told', 'long', 'rights', 'cookies'];

interface Words {
  lead?: string;
  /** Keys of locale texts: each with a heading and a text. */
  sections?: string[];
  /** Values in those texts. */
  values?: Record<string, number>;
  /** The law that it rests on, in the operator's words. */
  basis?: string;
  contacts?: { text: string; href: string }[];
  more?: { text: string; href: string } | undefined;
}

interface HelpPages {
  render: Render;
  env: Env;
  whoever: Whoever;
}

export const helpPages = (pages: HelpPages): Router =>
  openRouter(
    () => pages,
    [
      { id: 'help', path: '/help', answer: showHelp },
      { id: 'privacy', path: '/privacy', answer: showPrivacy },
      { id: 'accessibility', path: '/accessibility', answer: showAccessibility },
    ],
    openToAll,
    pages.whoever,
  );

const showHelp = (ctx: Context, { render }: HelpPages) =>
  show(ctx, render, 'help', { sections: HELP });

function showPrivacy(ctx: Context, { render, env }: HelpPages): void {
  const language = languageOf(ctx);
  const { privacy, policyUri } = env;
  const { controller, basis } = privacy;
  show(ctx, render, 'privacy', {
    lead: controller
      ? t(language, 'help.privacy.controller', { controller })
      : t(language, 'help.privacy.no_controller'),
    sections: PRIVACY,
    ...(basis ? { basis } : {}),
    contacts: (['contact', 'officer'] as const).flatMap((who) => {
      const href = privacy[who];
      const text = href && t(language, `help.privacy.${who}`, { at: shownOf(href) });
      return href && text ? [{ href, text }] : [];
    }),
    values: {
      days: env.decisionLogDays,
      consents: env.keeping.consentEvents,
      mandates: env.keeping.mandateEvents,
      erased: env.keeping.consentEvents + env.keeping.mandateEvents,
    },
    more: policyUri ? { text: t(language, 'help.privacy.more'), href: policyUri } : undefined,
  });
}

/** An address without what a browser needs before it. */
const shownOf = (href: string): string => href.replace(/^(mailto|tel):/, '');

function showAccessibility(ctx: Context, { render, env }: HelpPages): void {
  const language = languageOf(ctx);
  const href = env.accessibilityUrl;
  const intro = t(language, 'help.accessibility.intro');
  const words = href
    ? { lead: intro, more: { text: t(language, 'help.accessibility.statement'), href } }
    : { lead: `${intro} ${t(language, 'help.accessibility.no_statement')}` };
  show(ctx, render, 'accessibility', words);
}

function show(
  ctx: Context,
  render: Render,
  name: string,
  { lead, sections = [], values, more, basis, contacts }: Words,
): void {
  const language = languageOf(ctx);
  const say = (key: string) => t(language, `help.${name}.${key}`, values);
  render(ctx, {
    view: 'portal/help',
    title: say('title'),
    who: loggedIn(ctx),
    data: {
      lead,
      basis: basis && { heading: say('basis'), text: basis },
      contacts,
      sections: sections.map((key) => ({
        heading: say(`sections.${key}.heading`),
        text: say(`sections.${key}.text`),
      })),
      more,
    },
  });
}
