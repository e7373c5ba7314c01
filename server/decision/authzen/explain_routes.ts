// Why, for the owner of a resource: a question of AuthZEN's form, answered with each rule and what
// of it held.
import { decideOne } from '../commands.ts';
import { operation } from '../doors.ts';
import { callerName } from '../../caller/model.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { askedBy, asking, counting, checkOwner, type DecisionParts } from '../asking.ts';
import { evaluationOf } from './question.ts';
import { typed } from './routes.ts';
import { disclosed } from '../rules/disclosure_model.ts';
import { groundsOf } from './model.ts';
import { explainRules } from './explain_model.ts';
import * as shapes from './shapes.ts';
import { reasonTexts } from '../rules/text.ts';

export function explainOperations(api: DecisionParts): Operation[] {
  const { log } = api;
  return [
    operation(
      {
        ...asking,
        id: 'explanation',
        paths: ['/access/v1/explanation'],
        dialect: 'authzen',
        summary: 'Why a decision falls as it does: each rule, what held and what did not',
        body: shapes.Evaluation,
        answers: { 200: { description: 'The decision, rule by rule', schema: shapes.Explanation } },
        errors: ['TIL-00008', 'AUTHZ.VLD-00001', 'AUTHZ.VLD-00011', 'AUTHZ.VLD-00013'],
      },
      async ({ act, caller, body }) => {
        const asked = askedBy(caller, evaluationOf(body));
        const [given] = await counting(api, caller, [asked], async () => [
          await decideOne(act, asked),
        ]);
        const found = typed(body, given!);
        checkOwner(caller, found);
        const id = log.note(callerName(caller), asked, found);
        const { decision, facts, resource, policy, catalogue } = disclosed(found);
        return reply({
          id,
          decision: decision.permit,
          outcome: decision.outcome,
          reason: decision.reason,
          reason_user: reasonTexts(decision, facts, catalogue),
          level: decision.level,
          ...groundsOf(decision, facts),
          resource: resource?.id ?? null,
          policy: policy
            ? { version: resource?.policyVersion ?? null, combining: policy.combining }
            : null,
          rules: explainRules(found),
        });
      },
    ),
  ];
}
