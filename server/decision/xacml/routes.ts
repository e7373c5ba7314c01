// XACML 3.0 in JSON, for enforcement points. One call, one snapshot, one line in the log for each
// answer; a service owner asks about its own resources only.
import type { Deciding } from '../act.ts';
import { operation } from '../doors.ts';
import { resolveParties } from '../../party/store.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { languageOf } from '../../platform/locale.ts';
import { createPace, listBody } from '../../platform/pace.ts';
import { callerName } from '../../caller/model.ts';
import {
  askedBy,
  asking,
  beginAsking,
  counting,
  foreign,
  MOST,
  type DecisionParts,
} from '../asking.ts';
import { decideAll, decideOne } from '../commands.ts';
import { disclosed } from '../rules/disclosure_model.ts';
import { problem } from '../problems.ts';
import { XacmlRequestShape, XacmlResponse } from '../authzen/shapes.ts';
import { reasonText } from '../rules/text.ts';
import { readRequest, type AskedDecision, type Unbuildable } from './model.ts';
import { told, unbuildable } from './result_model.ts';

export function xacmlOperations(api: DecisionParts): Operation[] {
  return [
    operation(
      {
        ...asking,
        id: 'authorize',
        paths: ['/authorization/api/v1/authorize', '/authorization/api/v1/decision'],
        summary: 'Decisions in the JSON profile of XACML 3.0',
        dialect: 'altinn',
        body: XacmlRequestShape,
        answers: { 200: { description: 'A result for each request', schema: XacmlResponse } },
        errors: ['TIL-00008', 'AUTHZ.VLD-00001', 'AUTHZ.VLD-00010', 'AUTHZ.VLD-00013'],
      },
      async ({ act, ctx, caller, body }) => {
        const pace = createPace();
        const { asked, wantsPolicyIds } = await readRequest(body, pace);
        if (asked.length > MOST) throw problem('AUTHZ.VLD-00010');
        const checked = await oneParty(act, asked);
        const questions = checked.flatMap((one) =>
          'question' in one ? [askedBy(caller, one.question)] : [],
        );
        const end = beginAsking(api, caller, questions.length);
        const answers = await counting(api, caller, questions, async () =>
          questions.length === 1
            ? [await decideOne(act, questions[0]!)]
            : questions.length
              ? decideAll(act, questions)
              : [],
        ).finally(end);
        const language = languageOf(ctx);
        const response: unknown[] = [];
        let next = 0;
        for (const one of checked) {
          await pace();
          if (!('question' in one)) {
            response.push(unbuildable(one));
            continue;
          }
          const answer = answers[next++]!;
          const refusal = foreign(caller, answer);
          // Another's resource fails by itself among several.
          if (refusal && checked.length === 1) throw refusal;
          if (refusal) {
            response.push(unbuildable({ why: refusal.message, status: 'processing-error' }));
            continue;
          }
          api.log.note(callerName(caller), one.question, answer);
          const found = disclosed(answer);
          const words = reasonText(found.decision, found.facts, found.catalogue, language);
          response.push(told(found, one.echo, words, wantsPolicyIds));
        }
        return reply(listBody('response', response));
      },
    ),
  ];
}

/** Several names for a subject or a represented party must be names of one party. */
async function oneParty(
  act: Deciding,
  asked: (AskedDecision | Unbuildable)[],
): Promise<(AskedDecision | Unbuildable)[]> {
  const several = asked.flatMap((one) =>
    'question' in one ? [one.subjects, one.givers].filter((names) => names.length > 1).flat() : [],
  );
  if (!several.length) return asked;
  const ids = await resolveParties(act.db, several);
  const same = (names: AskedDecision['subjects']) =>
    names.length < 2 ||
    new Set(names.map((name) => ids.get(`${name.by} ${name.value}`) ?? null)).size === 1;
  return asked.map((one) => {
    if (!('question' in one)) return one;
    if (!same(one.subjects))
      return { why: "the subject's names are not names of one party", status: 'processing-error' };
    return same(one.givers)
      ? one
      : {
          why: "the represented party's names are not names of one party",
          status: 'processing-error',
        };
  });
}
