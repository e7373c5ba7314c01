// Decisions as results of XACML's JSON profile, with obligations and advice. It knows no store.
import type { Outcome } from '../../resource/policy/model.ts';
import type { Decided } from '../rules/question_model.ts';
import type { Entity } from './entity_model.ts';
import { type Unbuildable, CATEGORY_IDS } from './model.ts';
import { asText } from '../../platform/as_text.ts';

const STATUS = 'urn:oasis:names:tc:xacml:1.0:status:';
const OUTCOMES: Record<Outcome, string> = {
  permit: 'Permit',
  deny: 'Deny',
  not_applicable: 'NotApplicable',
  indeterminate: 'Indeterminate',
};

/** One element of `response`, with the names in camelCase that existing clients read. */
function result<Rest extends object>(
  outcome: Outcome,
  status: { code: string; message: string | null },
  rest: Rest,
) {
  return {
    decision: OUTCOMES[outcome],
    status: {
      statusMessage: status.message,
      statusDetails: null,
      statusCode: { value: STATUS + status.code, statusCode: null },
    },
    ...rest,
  };
}

export const unbuildable = ({ why, status }: Unbuildable) =>
  result(
    'indeterminate',
    { code: status, message: why },
    { obligations: null, associateAdvice: null, category: null, policyIdentifierList: null },
  );

export function told(
  { decision, resource, policy }: Pick<Decided, 'decision' | 'resource' | 'policy'>,
  echo: Entity[],
  message: string | null,
  wantsPolicyIds: boolean,
) {
  const { outcome, reason } = decision;
  const code =
    outcome !== 'indeterminate'
      ? 'ok'
      : reason === 'missing_attribute'
        ? 'missing-attribute'
        : 'processing-error';
  const category = echo
    .map((entity) => ({
      categoryId: CATEGORY_IDS[entity.category],
      attribute: entity.attributes
        .filter((one) => one.echo)
        .map((one) => ({
          attributeId: one.id,
          value: one.values.length === 1 ? one.values[0] : one.values,
          issuer: null,
          dataType: one.dataType,
          includeInResult: true,
        })),
    }))
    .filter((entity) => entity.attribute.length);
  return result(
    outcome,
    { code, message: outcome === 'permit' ? null : message },
    {
      obligations: outcome === 'permit' && policy ? obligations(policy.minimumLevel) : null,
      associateAdvice: [advice(reason, decision.mandates)],
      category: category.length ? category : null,
      policyIdentifierList:
        wantsPolicyIds && resource
          ? {
              policyIdReference: [
                {
                  id: `urn:altinn:resource:${resource.id}`,
                  version: `${resource.policyVersion}`,
                },
              ],
            }
          : null,
    },
  );
}

const assignment = (attributeId: string, value: string, category: string, type: string) => ({
  attributeId,
  value,
  category,
  dataType: `http://www.w3.org/2001/XMLSchema#${type}`,
  issuer: null,
});

/** Enforcement points match on the category and take the highest. */
function obligations({ person, organization }: { person: number; organization: number }) {
  const one = (index: number, level: number, category: string) => ({
    id: `urn:altinn:obligation:authenticationLevel${index}`,
    attributeAssignment: [
      assignment(`urn:altinn:obligation-assignment:${index}`, asText(level), category, 'integer'),
    ],
  });
  const wanted = [
    ...(person > 0 ? [one(1, person, 'urn:altinn:minimum-authenticationlevel')] : []),
    ...(organization > 0
      ? [one(2, organization, 'urn:altinn:minimum-authenticationlevel-org')]
      : []),
  ];
  return wanted.length ? wanted : null;
}

/** Why, for those who want to know: advice may be left unread (XACML 3.0 §7.18). */
const advice = (reason: string, mandates: string[]) => ({
  id: 'urn:tillit:advice:reason',
  attributeAssignment: [
    assignment('urn:tillit:reason', reason, 'urn:tillit:reason', 'string'),
    ...mandates.map((id) => assignment('urn:tillit:mandate', id, 'urn:tillit:mandate', 'string')),
  ],
});
