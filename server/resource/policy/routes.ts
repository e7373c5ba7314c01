// Policies as JSON and XML: published by owners, read by everybody. They come as our rules or as
// XACML, and hold from their publication.
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { everybody } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { readBytes } from '../../platform/http/body.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { text, Type } from '../../platform/http/shapes.ts';
import { type Knowing, currentCatalogue } from '../catalogue/catalogue.ts';
import {
  commentWritten,
  owned,
  publisherOf,
  registered,
  REGISTRY,
  writers,
} from '../registry/owner.ts';
import {
  ACTION_ID,
  actionsOf,
  covers,
  RESOURCE_ID,
  rightKey,
  type Policy,
  type SubjectMatch,
} from './model.ts';
import { findPolicyOf, findVersion } from './store.ts';
import { problem } from '../problems.ts';
import { policyFrom, policyFromXml } from '../registry/register.ts';
import { etagOf, publish } from './publish.ts';
import type { RegistryRow } from '../registry/store.ts';
import * as shapes from '../shapes.ts';
import { printXacml, subjectAttribute } from './xacml_print_model.ts';

const XML_LIMIT = 600_000;
const XML = ['application/xml', 'text/xml', '+xml', 'multipart/form-data'];
const PATH = `${REGISTRY}/resource/:id/policy`;

const reading = {
  method: 'GET' as const,
  who: everybody,
  dialect: 'altinn' as const,
  limit: 'read' as const,
  path: { id: text(200) },
  errors: ['RR-00002'],
};

export function policyOperations(): Operation[] {
  const policyOf = async (act: Knowing, resource: RegistryRow): Promise<Policy> => {
    const policy = await findPolicyOf(act.db, resource.id);
    if (!policy) throw problem('RR-00002');
    return policy;
  };
  const publishing = (method: 'POST' | 'PUT') =>
    operation(
      {
        ...reading,
        id: `policy_${method.toLowerCase()}`,
        method,
        paths: [PATH],
        summary: 'Publish a policy: our rules, or XACML 3.0 in XML',
        who: writers,
        limit: 'write',
        query: { closed: Type.Optional(Type.Boolean()), comment: commentWritten },
        body: shapes.PolicyWritten,
        raw: XML,
        answers: {
          [method === 'POST' ? 201 : 200]: {
            description: 'It holds from now on',
            schema: shapes.PolicyPublished,
          },
        },
        errors: ['RR-00002', 'TIL-00008', 'TIL-00031', 'TIL-00039'],
      },
      async ({ act, ctx, caller, path, query, body }) => {
        const resource = await owned(act, caller, path.id);
        const policy = ctx.is(XML)
          ? await policyFromXml(act, await xmlOf(ctx), resource, query.closed === true)
          : await policyFrom(act, body, resource);
        const expected = ctx.get('if-match') || undefined;
        const by = publisherOf(caller, query.comment);
        const version = await publish(act, resource.id, policy, { by, expected });
        const published = { resource: resource.id, version, actions: actionsOf(policy) };
        return reply(published, method === 'POST' ? 201 : 200, { etag: etagOf(version) });
      },
    );
  return [publishing('POST'), publishing('PUT'), ...readingOperations(policyOf)];
}

function readingOperations(
  policyOf: (act: Knowing, resource: RegistryRow) => Promise<Policy>,
): Operation[] {
  return [
    operation(
      {
        ...reading,
        id: 'policy_get',
        paths: [PATH],
        summary: 'The policy, as XACML in XML or as our rules in JSON',
        limit: 'search',
        query: { version: Type.Optional(Type.Integer({ minimum: 1 })) },
        answers: {
          200: { description: 'As the Accept header has it', schema: shapes.PolicyShape },
        },
      },
      async ({ act, ctx, path, query }) => {
        const resource = await registered(act, path.id);
        const version = query.version ?? resource.policyVersion;
        const policy =
          query.version === undefined
            ? await policyOf(act, resource)
            : await findVersion(act.db, resource.id, query.version);
        if (!policy) throw problem('RR-00002');
        const headers = { etag: etagOf(version === null ? null : Number(version)) };
        const wantsJson = ctx.accepts('application/xml', 'application/json') === 'application/json';
        if (wantsJson && ctx.get('accept').includes('json')) return reply(policy, 200, headers);
        const catalogue = await currentCatalogue(act);
        const printed = printXacml(policy, resource.id, version ?? 0, catalogue);
        const body = Readable.from(printed, { objectMode: false });
        return { body, type: 'application/xml', headers };
      },
    ),
    operation(
      {
        ...reading,
        id: 'policy_subjects',
        paths: [`${PATH}/subjects`],
        summary: 'Whom the policy names',
        answers: { 200: { description: 'Each once', schema: shapes.SubjectRows } },
      },
      async ({ act, path }) => {
        const { rules } = await policyOf(act, await registered(act, path.id));
        const matches = rules.flatMap((rule) => rule.subjects.flat());
        const each = new Map(matches.map((match) => [urnOf(match), match]));
        const data = [...each].map(([urn, match]) => ({ ...subjectAttribute(match), urn }));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...reading,
        id: 'policy_rules',
        paths: [`${PATH}/rules`],
        summary: 'The rules of the policy, one line for each subject and action',
        answers: { 200: { description: 'In their order', schema: shapes.Rules } },
      },
      async ({ act, path }) => {
        const { id, ...resource } = await registered(act, path.id);
        return reply(linesOf(await policyOf(act, { id, ...resource }), id));
      },
    ),
    operation(
      {
        ...reading,
        id: 'policy_rights',
        paths: [`${PATH}/rights`],
        summary: 'The rights that the policy knows, with who has them',
        answers: { 200: { description: 'One for each action', schema: shapes.RightsShape } },
      },
      async ({ act, path }) => {
        const resource = await registered(act, path.id);
        return reply(rightsOf(await policyOf(act, resource), resource.id));
      },
    ),
    operation(
      {
        ...reading,
        id: 'policy_rights_v2',
        paths: ['/resourceregistry/api/v2/resource/:id/policy/rights'],
        summary: 'The rights that the policy knows, by key',
        answers: { 200: { description: 'One for each action', schema: shapes.RightNames } },
      },
      async ({ act, path }) => {
        const resource = await registered(act, path.id);
        const named = actionsOf(await policyOf(act, resource)).map((name) => ({
          key: rightKey(resource.id, name),
          name,
          resource: resourceOf(resource.id),
          action: action(name),
        }));
        return reply(named);
      },
    ),
  ];
}

/** The XML: the body itself, or the file of a form, as existing clients send it. */
async function xmlOf(ctx: Context): Promise<string> {
  const sent = (await readBytes(ctx, XML_LIMIT)).toString('utf8');
  if (!ctx.is('multipart/form-data')) return sent;
  const start = sent.indexOf('<');
  return start < 0 ? '' : sent.slice(start, sent.lastIndexOf('>') + 1);
}

export const urnOf = (match: SubjectMatch) => {
  const { type, value } = subjectAttribute(match);
  return `${type}:${value}`;
};
const action = (value: string) => ({ type: ACTION_ID, value });
const resourceOf = (id: string) => [{ type: RESOURCE_ID, value: id }];

const linesOf = ({ rules }: Policy, id: string) =>
  rules.flatMap(({ effect, subjects, actions }) =>
    (subjects.length ? subjects : [[]]).flatMap((all) =>
      (actions.length ? actions : ['*']).map((name) => ({
        effect,
        subject: all.map(subjectAttribute),
        action: action(name),
        resource: resourceOf(id),
      })),
    ),
  );

const rightsOf = (policy: Policy, id: string) =>
  actionsOf(policy).map((name) => {
    const subjects = policy.rules
      .filter((rule) => rule.effect === 'permit' && covers(rule, name))
      .flatMap((rule) => rule.subjects);
    const types = subjects.flat().map((match) => subjectAttribute(match).type);
    return {
      action: action(name),
      resource: resourceOf(id),
      subjects: subjects.map((all) => ({ subjectAttributes: all.map(subjectAttribute) })),
      rightKey: rightKey(id, name),
      subjectTypes: [...new Set(types)].sort(),
    };
  });
