// The policies that a resource has had, for its owner: listed, read, compared, and published again.
import type { Knowing } from '../catalogue/catalogue.ts';
import { operation } from '../doors.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import {
  instantOut,
  named,
  nullable,
  open,
  rows,
  shape,
  text,
  Type,
} from '../../platform/http/shapes.ts';
import { commentWritten, owned, publisherOf, writers } from '../registry/owner.ts';
import { mustNameSubjects } from '../registry/register.ts';
import { actionsOf, type Policy, type Rule } from './model.ts';
import { findVersion, listPublications, listVersions } from './store.ts';
import { problem } from '../problems.ts';
import { etagOf, publish } from './publish.ts';
import { PolicyShape, PolicyPublished, RuleShape } from '../shapes.ts';

const PATH = '/access/v1/resources/:id/policies';
const number = () => Type.Integer({ minimum: 1, maximum: 2 ** 31 });

const Version = named(
  'PolicyVersion',
  shape({ version: Type.Integer(), createdAt: instantOut(), current: Type.Boolean() }),
);
const PublicationShape = named(
  'PolicyPublication',
  shape({
    version: Type.Integer(),
    publishedAt: instantOut(),
    publishedBy: nullable(shape({ organizationNo: Type.String(), name: Type.String() })),
    comment: nullable(Type.String()),
  }),
);
const Compared = named(
  'PoliciesCompared',
  shape({
    added: Type.Array(RuleShape),
    removed: Type.Array(RuleShape),
    combining: Type.Array(Type.String()),
    minimumLevel: Type.Array(open('Levels')),
  }),
);

export function versionOperations(): Operation[] {
  const own = { who: writers, dialect: 'own' as const, errors: ['RR-00002', 'TIL-00008'] };
  const path = { id: text(200) };
  async function versionOf(act: Knowing, id: string, version: number): Promise<Policy> {
    const found = await findVersion(act.db, id, version);
    if (!found) throw problem('RR-00002');
    return found;
  }

  return [
    operation(
      {
        ...own,
        path,
        id: 'policy_versions',
        method: 'GET',
        paths: [PATH],
        limit: 'read',
        summary: 'Every policy that a resource has had',
        answers: { 200: { description: 'The newest first', schema: rows(Version) } },
      },
      async ({ act, caller, path: { id } }) => {
        const resource = await owned(act, caller, id);
        return reply({ data: await listVersions(act.db, resource.id), links: { next: null } });
      },
    ),
    operation(
      {
        ...own,
        path,
        id: 'policy_publications',
        method: 'GET',
        paths: [`${PATH}/publications`],
        limit: 'read',
        summary: 'When each policy of a resource began to hold, by whom, and why',
        answers: { 200: { description: 'The newest first', schema: rows(PublicationShape) } },
      },
      async ({ act, caller, path: { id } }) => {
        const resource = await owned(act, caller, id);
        return reply({ data: await listPublications(act.db, resource.id), links: { next: null } });
      },
    ),
    operation(
      {
        ...own,
        path,
        id: 'policies_compared',
        method: 'GET',
        paths: [`${PATH}/compare`],
        limit: 'read',
        summary: 'What differs between two policies of a resource',
        query: { from: number(), to: number() },
        answers: { 200: { description: 'Rules that came and went', schema: Compared } },
      },
      async ({ act, caller, path: { id }, query }) => {
        const resource = await owned(act, caller, id);
        const [from, to] = [
          await versionOf(act, resource.id, query.from),
          await versionOf(act, resource.id, query.to),
        ];
        const differing = <Value>(of: (policy: Policy) => Value) =>
          JSON.stringify(of(from)) === JSON.stringify(of(to)) ? [] : [of(from), of(to)];
        return reply({
          added: without(to.rules, from.rules),
          removed: without(from.rules, to.rules),
          combining: differing(({ combining }) => combining),
          minimumLevel: differing(({ minimumLevel }) => minimumLevel),
        });
      },
    ),
    operation(
      {
        ...own,
        path: { ...path, version: text(10, { pattern: '^[1-9][0-9]*$' }) },
        id: 'policy_version',
        method: 'GET',
        paths: [`${PATH}/:version`],
        limit: 'read',
        summary: 'A policy that a resource has had',
        answers: { 200: { description: 'As our rules', schema: PolicyShape } },
      },
      async ({ act, caller, path: { id, version } }) => {
        const resource = await owned(act, caller, id);
        const policy = await versionOf(act, resource.id, Number(version));
        return reply(policy, 200, { etag: etagOf(Number(version)) });
      },
    ),
    operation(
      {
        ...own,
        path: { ...path, version: text(10, { pattern: '^[1-9][0-9]*$' }) },
        query: { comment: commentWritten },
        id: 'policy_restore',
        method: 'POST',
        paths: [`${PATH}/:version/restore`],
        limit: 'write',
        summary: 'Publish an earlier policy again',
        answers: { 200: { description: 'It holds from now on', schema: PolicyPublished } },
        errors: [...own.errors, 'TIL-00031', 'TIL-00039'],
      },
      async ({ act, ctx, caller, path: { id, version }, query }) => {
        const resource = await owned(act, caller, id);
        const policy = await versionOf(act, resource.id, Number(version));
        await mustNameSubjects(act, policy, resource);
        const expected = ctx.get('if-match') || undefined;
        const by = publisherOf(caller, query.comment);
        const published = await publish(act, resource.id, policy, { by, expected });
        const told = { resource: resource.id, version: published, actions: actionsOf(policy) };
        return reply(told, 200, { etag: etagOf(published) });
      },
    ),
  ];
}

const without = (rules: Rule[], others: Rule[]): Rule[] => {
  const known = new Set(others.map((rule) => JSON.stringify(rule)));
  return rules.filter((rule) => !known.has(JSON.stringify(rule)));
};
