// The approval page, the receipt, and the way back to the one who asked. A person answers here;
// what is shown is what is stored. It knows no token, and of an authorization server only the path
// that a question came from.
import { seeOther } from '../../platform/http/http.ts';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { insufficientLevel } from '../../caller/model.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { isLanguage, languageOf, t, type Language } from '../../platform/locale.ts';
import { approve, reject, withdraw } from './answer.ts';
import { showAwaiting, togetherText } from './awaiting_pages.ts';
import { answeredBefore } from './before.ts';
import { answersOf, askedFor, isLong, missingChoice, placesIn } from './choice_text.ts';
import { mayAnswer, type MayAnswer } from '../basis/standing.ts';
import { asFixed, hasChoice, hasSaidYes, wasGiven, type Consent } from '../model.ts';
import { familyOf, parentsTold } from './family.ts';
import { isEnoughAlone } from '../../decision/rules/together_model.ts';
import { findConsent } from '../find.ts';
import { displayName, shownText, textHash, type ShownText } from '../text.ts';
import { postPassOn } from './passing_pages.ts';
import { answerLevel, isReadStrongly, isSensitive } from '../basis/veil_model.ts';
import {
  type ConsentPages,
  requested,
  interactionIn,
  receiptPath,
  backTo,
  doubtOf,
  stoppedGiver,
  roleNames,
  signedInFor,
  strongerToRead,
} from '../page.ts';
import { typedUses, usesFaults, usesFields, usesIn, type TypedUses } from '../uses_text.ts';
import { showReceipt, goBack, wayBack } from './receipt_pages.ts';
import { besideIn, countedOn, replacingOf } from './replacing.ts';
import { aboutReplacing } from './replacing_pages.ts';
import { showNotTheirs, showOver, stepUp } from './unanswerable_pages.ts';

export const consentPages = (pages: Wired<ConsentPages>): Router =>
  pageRouter(
    pages,
    [
      { id: 'consent_page', path: '/consent/request', show: showAsked },
      { id: 'consent_answer', path: '/consent/request', several: ['optional'], post: postAnswer },
      { id: 'consent_pass_on', path: '/consent/pass-on', post: postPassOn },
      // Where the form was, after a login in between.
      {
        id: 'consent_pass_on_page',
        path: '/consent/pass-on',
        show: (ctx) => ctx.redirect(`/consent/request${ctx.search}`),
      },
      {
        id: 'consent_receipt',
        path: '/consent/receipt',
        show: showReceipt,
        notShown: strongerToRead,
      },
      { id: 'consent_continue', path: '/consent/continue', show: goBack, notShown: strongerToRead },
    ],
    levelWanted,
  );

async function showAsked(ctx: Context, pages: ConsentPages): Promise<void> {
  const consent = await requested(pages, queryParameter(ctx, 'id'));
  await showRequest(ctx, pages, consent, queryParameter(ctx, 'interaction'));
}

/** So strong a login that one may answer at any level; the answer itself asks for its own. */
const STRONG = 4;

/**
 * The level of login at which a request of a sensitive service is read, so that nobody logs in
 * twice. A protected address counts after the login only: whoever has the link can see what level
 * it asks for.
 */
async function levelWanted(ctx: Context, { act }: ConsentPages): Promise<number> {
  const id = ctx.URL.searchParams.get('id');
  const consent = isUuid(id) ? await findConsent(act, id) : undefined;
  return consent && isSensitive(consent.rights) ? answerLevel(consent.rights) : 0;
}

/** The way on after the answer, and the place of the request until then. */
const laterOf = (consent: Consent, interaction: string | undefined) => ({
  leadsBack: 'continueUrl' in wayBack(consent, interaction),
  isListed: consent.portalViewMode === 'show',
});

/** The person's choice and numbers so far. */
interface Typed {
  ticked: number[];
  uses: TypedUses;
}
const NOTHING: Typed = { ticked: [], uses: {} };

/** The page once more: because the text has changed, or something that was filled in is wrong. */
interface Shown {
  changed?: boolean;
  lacksChoice?: boolean;
  typed?: Typed;
}

const faultsOf = (
  consent: Consent,
  text: ShownText,
  { lacksChoice = false, typed = NOTHING, used }: Shown & { used: number },
) => [
  ...(lacksChoice ? [missingChoice(text)] : []),
  ...usesFaults(consent, typed.uses, { language: text.language, used }),
];

async function showRequest(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  interaction: string | undefined,
  how: Shown = {},
): Promise<void> {
  const { party, level } = sessionOf(ctx);
  const language = languageOf(ctx);
  const { now } = pages.act;
  const own = await mayAnswer(pages.act, consent, { party, level });
  const lacks = own.permit || own.reason !== 'level' ? undefined : own.level;
  const answer =
    lacks === undefined || isReadStrongly(consent)
      ? own
      : await mayAnswer(pages.act, consent, { party, level: STRONG });
  if (!answer.permit) {
    const isAnswered = consent.answeredBy?.id === party;
    if (answer.reason === 'level' && !isAnswered) {
      const why = insufficientLevel(answer.level!);
      const words = t(language, 'consent.read_stronger');
      return stepUp(ctx, pages, { consent, interaction }, why, words);
    }
    if (!isAnswered) return showNotTheirs(ctx, pages, consent, answer, interaction);
  }
  const isEnded =
    consent.state === 'deleted' || (consent.state === 'withdrawn' && !wasGiven(consent));
  if (consent.state !== 'requested' && !isEnded)
    return seeOther(ctx, receiptPath(consent, interaction));
  if (isEnded || consent.fallen || consent.validTo <= now)
    return showOver(ctx, pages, consent, answer, interaction);
  if (hasSaidYes(consent, party)) return showAwaiting(ctx, pages, { consent, answer }, interaction);
  await renderAsked(ctx, pages, consent, { interaction, how, answer, lacks });
}

interface Asked {
  interaction: string | undefined;
  how: Shown;
  answer: MayAnswer;
  /** The level of login that the answer asks for, where this one is weaker. */
  lacks: number | undefined;
}

async function renderAsked(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  { interaction, how, answer, lacks }: Asked,
): Promise<void> {
  const { changed = false, lacksChoice = false, typed = NOTHING } = how;
  const { party } = sessionOf(ctx);
  const language = languageOf(ctx);
  const { now } = pages.act;
  // Later ones of several are asked for what the first chose.
  const open = asFixed(consent);
  const replacing = await replacingOf(pages.act, consent, sessionOf(ctx));
  const used = countedOn(open, besideIn(replacing));
  const text = shownText(open, language, now, party, besideIn(replacing));
  const roles = await roleNames(pages, language);
  const isForOther = consent.from.id !== party;
  pages.render(ctx, {
    view: 'consent/request',
    title: text.title,
    who: signedInFor(ctx, consent, answer, roles),
    errors: faultsOf(open, text, { ...how, used }),
    data: {
      text,
      ...askedFor(text, lacksChoice, typed.ticked),
      uses: consent.awaiting ? undefined : usesFields(open, typed.uses, { language, used }),
      isLong: isLong(text),
      changed,
      csrf: sessionOf(ctx).csrf,
      action: backTo(consent, interaction),
      shown: textHash(text),
      to: displayName(consent.to),
      // A person who comes from the asker knows the asker.
      doubt: interactionIn(interaction)
        ? undefined
        : doubtOf(consent.to, language, stoppedGiver(consent, party)),
      ...laterOf(consent, interaction),
      forOrganization: consent.from.kind !== 'person',
      from: displayName(consent.from),
      forOther: isForOther,
      self: isForOther ? 'no' : 'yes',
      ...answersOf(text, { isForOther, name: displayName(consent.from) }),
      ...(replacing ? aboutReplacing(consent, replacing, { language, isForOther }) : {}),
      role: answer.permit && answer.role ? roles.get(answer.role) : undefined,
      stronger:
        lacks === undefined ? undefined : t(language, 'consent.level_at_yes', { level: lacks }),
      before: await answeredBefore(pages.act, consent, party, language),
      ...(await othersOn(pages, consent, answer, { party, language })),
    },
  });
}

/** The others who see the answer, or answer too. */
async function othersOn(
  { act }: ConsentPages,
  consent: Consent,
  answer: MayAnswer,
  reader: { party: string; language: Language },
) {
  const part = answer.permit ? answer.part : undefined;
  const isPart = part !== undefined && !isEnoughAlone(part.parts);
  const isOther = consent.from.id !== reader.party;
  return {
    together: togetherText(consent, isPart, reader.language),
    family: isPart ? await familyOf(act, consent, reader, 'parents_all') : undefined,
    parents: isOther ? undefined : await parentsTold(act, consent, reader.language),
  };
}

async function postAnswer({ ctx, pages, session: person, form }: Posted<ConsentPages>) {
  const interaction = queryParameter(ctx, 'interaction');
  const consent = await requested(pages, queryParameter(ctx, 'id'));
  const typed = { ticked: placesIn(form.get('optional')), uses: typedUses(form) };
  const beside = besideIn(await replacingOf(pages.act, consent, person));
  const { uses, wrong } = usesIn(asFixed(consent), typed.uses, countedOn(consent, beside));
  try {
    if (form.get('answer') === 'yes' || form.get('answer') === 'yes_needed') {
      if (wrong.length && consent.state === 'requested' && consent.validTo > pages.act.now) {
        await showRequest(ctx, pages, consent, interaction, { typed });
        return undefined;
      }
      const { isGiven } = await approve(pages.act, consent, person, {
        // Where the first of several chose, the page has nothing to choose.
        chosen: consent.awaiting ? undefined : form.get('answer') === 'yes' ? typed.ticked : [],
        uses,
        mayBeAlone: true,
        shown: (given, replaced, asked) => {
          const language = form.get('lang');
          if (!isLanguage(language)) throw fault('TIL-00014');
          const textOf = (one: Consent) =>
            shownText(one, language, pages.act.now, person.party, replaced);
          // The page that was open had no choice made; what is kept has.
          if (textHash(textOf(asked)) !== form.get('shown')) throw fault('TIL-00019');
          const text = textOf(given);
          return { language, shownBy: 'page', hash: textHash(text), text };
        },
      });
      pages.metrics.consents.inc({ act: isGiven ? 'approved' : 'answered' });
    } else if (form.get('answer') === 'no') {
      // A no is for whoever could read it.
      await reject(
        pages.act,
        consent,
        isReadStrongly(consent) ? person : { ...person, level: STRONG },
      );
      pages.metrics.consents.inc({ act: 'rejected' });
    } else if (form.get('answer') === 'take_back' && hasSaidYes(consent, person.party)) {
      await withdraw(pages.act, consent, person);
      return backTo(consent, interaction);
    } else {
      throw fault('TIL-00014');
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The text changed while the page was open: show it as it is now. Decided meanwhile: the
    // receipt says how.
    if (['TIL-00019', 'TIL-00048'].includes(error.code)) {
      const current = await requested(pages, consent.id);
      await showRequest(ctx, pages, current, interaction, { changed: true, typed });
      return undefined;
    }
    if (error.code === 'STD-00000' && hasChoice(consent) && consent.validTo > pages.act.now) {
      await showRequest(ctx, pages, consent, interaction, { lacksChoice: true, typed });
      return undefined;
    }
    if (error.code === 'TIL-00007') return void stepUp(ctx, pages, { consent, interaction }, error);
    if (!['AM-00002', 'AM-00015', 'STD-00000'].includes(error.code)) throw error;
    return error.code === 'STD-00000'
      ? backTo(consent, interaction)
      : `${receiptPath(consent, interaction)}&already`;
  }
  return receiptPath(consent, interaction);
}
