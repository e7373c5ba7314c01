// Lists say what decisions say: in random worlds of units, proprietors, families, chains, denies,
// conditions, access lists and all combining algorithms, what authorized parties list is exactly
// what the decision point permits, but for what a rule opens to everybody.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn, type Browser } from '../../support/pages/browser.ts';
import { organizationNumber, personNumber } from '../../support/numbers.ts';
import { randomly, shareOf, tries } from '../../support/random.ts';
import { actedFor, end, give, OWNER, pdpToken } from '../../support/rights/rights.ts';
import { call, importThis, personToken, world } from '../../support/world.ts';

const PACKAGES = ['merverdiavgift', 'toll', 'skattegrunnlag', 'a-ordning'];
const ROLES = ['dagl', 'lede', 'regn', 'revi', 'medl'];
const COMBINING = [
  'deny-overrides',
  'permit-overrides',
  'deny-unless-permit',
  'permit-unless-deny',
  'first-applicable',
];
/** With one that no rule names, though a rule for every action may permit it. */
const ASKED = ['read', 'write', 'sign'];
const SEED = Number(process.env.SEED_OF_LISTS ?? Math.floor(Math.random() * 1e9));

type CheckedRight = { name: string; action: { value?: string } };
type Evaluated = { decision: boolean; context: { reason: string } };
type Found = { id: string; name: string };

interface Somebody {
  id: string;
  number: string;
  name: string;
  kind: string;
  unitType?: string;
  parent?: string;
  endedAt?: string;
}

describe(`what is listed (seed ${SEED})`, () => {
  const { next, pick } = randomly(SEED);
  const make = (kind: string, name: string, more: object = {}): Somebody => ({
    id: randomUUID(),
    number: kind === 'person' ? personNumber() : organizationNumber(),
    name,
    kind,
    ...more,
  });
  const many = (count: number, kind: string, name: string, more: object = {}) =>
    Array.from({ length: count }, (_, index) => make(kind, `${name} ${index}`, more));
  const people = many(14, 'person', 'Person');
  const firms = many(12, 'organization', 'Foretak', { unitType: 'AS' });
  const units = firms
    .slice(0, 6)
    .map((firm) => make('subunit', `${firm.name} avdeling`, { parent: firm.number }));
  const owned = many(5, 'organization', 'Gård', { unitType: 'ENK' });
  const suppliers = many(4, 'organization', 'Byrå', { unitType: 'AS' });
  // Dissolved, with all that was given and held there as in the others.
  for (const firm of firms.slice(9)) firm.endedAt = '2026-01-01T00:00:00Z';
  const all = [...people, ...firms, ...owned, ...suppliers, ...units];
  const resources: { id: string; twin: string }[] = [];
  /** Who gave whom a right to one resource. */
  const granted: [Somebody, Somebody][] = [];

  function subject(): string | string[] {
    const single = () =>
      next() < 0.35
        ? pick(ROLES)
        : next() < 0.5
          ? `package:${pick(PACKAGES)}`
          : pick([
              'keyrole',
              'innh',
              'privatperson',
              'foreldreansvar',
              'package:innbygger-pensjon',
              `urn:altinn:party:uuid:${pick(people).id}`,
            ]);
    if (next() > 0.12) return single();
    return [`package:${pick(PACKAGES)}`, pick(['keyrole', 'dagl', 'lede'])];
  }
  function rule(index: number) {
    const when =
      next() < 0.25
        ? [
            {
              category: pick(['environment', 'resource']),
              name: pick(['n', 'status']),
              values: [pick(['x', 'open'])],
              ...(next() < 0.3 ? { mustBePresent: true } : {}),
            },
          ]
        : [];
    return {
      id: `r${index}`,
      effect: next() < 0.2 ? 'deny' : 'permit',
      actions: next() < 0.1 ? [] : [pick(['read', 'write'])],
      subjects: Array.from({ length: 1 + Math.floor(next() * 2) }, subject),
      ...(when.length ? { when } : {}),
    };
  }

  before(async () => {
    await importThis({ parties: all });
    const roleHolders: object[] = [];
    const once = new Set<string>();
    const hold = (role: string, from: Somebody, to: Somebody, times: object = {}) => {
      const key = `${role} ${from.id} ${to.id}`;
      if (from.id === to.id || once.has(key)) return;
      once.add(key);
      roleHolders.push({ role, from: from.number, to: to.number, ...times });
    };
    for (const firm of [...firms, ...suppliers])
      for (let count = 0; count < 2; count += 1)
        hold(pick(['dagl', 'lede', 'medl']), firm, pick(people));
    for (const firm of firms) if (next() < 0.5) hold(pick(['regn', 'revi']), firm, pick(suppliers));
    for (const farm of owned) hold('innh', farm, pick(people));
    for (const farm of owned) if (next() < 0.6) hold('regn', farm, pick(suppliers));
    for (let count = 0; count < 4; count += 1)
      hold('foreldreansvar', people[count]!, people[5 + count]!);
    for (const firm of firms.slice(0, 3))
      hold('dagl', firm, pick(people), { endedAt: '2026-01-01T00:00:00Z' });
    await importThis({ roleHolders });
    const list = `lister-${randomUUID()}`;
    await importThis({
      accessLists: [
        {
          id: list,
          owner: OWNER,
          name: 'L',
          members: [...firms.slice(0, 6), ...units.slice(0, 2)].map(({ number }) => number),
        },
      ],
    });
    for (let index = 0; index < 40; index += 1) {
      const rules = Array.from({ length: 1 + Math.floor(next() * 3) }, (_, at) => rule(at));
      const combining = pick(COMBINING);
      const isOpen = next() < 0.25;
      const isGated = next() < 0.15;
      const sane =
        combining === 'first-applicable'
          ? rules.map((one) => ({
              ...one,
              ...('when' in one
                ? { when: one.when!.map(({ mustBePresent, ...rest }) => rest) }
                : {}),
            }))
          : rules;
      const entry = (identifier: string, own: object[]) => ({
        identifier,
        owner: OWNER,
        resourceType: 'GenericAccessResource',
        title: { nb: 'Prøve', nn: 'Prøve' },
        rules: own,
        combining,
        ...(isGated ? { accessListMode: 'Enabled' } : {}),
        ...(next() < 0.3 ? { attributes: { status: 'open' } } : {}),
      });
      const [id, twin] = [`liste-${randomUUID()}`, `liste-${randomUUID()}`];
      const described = entry(id, [
        ...sane,
        ...(isOpen
          ? [
              {
                id: 'all',
                action: 'read',
                subjects: [pick(['anyone', 'organization', 'partytype:person'])],
              },
            ]
          : []),
      ]);
      await importThis({ resources: [described, { ...described, identifier: twin, rules: sane }] });
      if (isGated)
        await importThis({
          accessLists: [
            {
              id: list,
              owner: OWNER,
              name: 'L',
              members: [...firms.slice(0, 6), ...units.slice(0, 2)].map(({ number }) => number),
              resources: [{ resource: id }, { resource: twin }],
            },
          ],
        }).catch(() => undefined);
      resources.push({ id, twin });
    }
    const mandates: object[] = [];
    for (let count = 0; count < 60; count += 1) {
      const [from, to] = [pick([...firms, ...owned, ...units]), pick([...people, ...suppliers])];
      const times = pick([
        {},
        {},
        {},
        { validFrom: '2030-01-01T00:00:00Z' },
        { validFrom: '2025-01-01T00:00:00Z', validTo: '2026-01-01T00:00:00Z' },
        { suspendedAt: '2026-01-01T00:00:00Z' },
      ]);
      const what =
        next() < 0.6
          ? { package: pick(PACKAGES) }
          : {
              resource: pick(resources).id,
              actions: [pick(['read', 'write'])],
              ...(next() < 0.4 ? { instance: `sak-${count % 3}` } : {}),
            };
      mandates.push({ from: from.number, to: to.number, ...what, ...times });
      if ('resource' in what) granted.push([from, to]);
    }
    for (let count = 0; count < 6; count += 1)
      mandates.push({
        from: pick(people).number,
        to: pick(people).number,
        package: 'innbygger-pensjon',
      });
    await importThis({
      mandates: mandates.filter((one: { from?: string; to?: string }) => one.from !== one.to),
    });
  });

  it('for each party is what is permitted there, resources and instances', async () => {
    const token = await pdpToken('altinn:accessmanagement/authorizedparties.admin');
    const counts = { permitted: 0, asked: 0 };
    const wrong: string[] = [];
    for (const who of [...people, ...suppliers.slice(0, 2)]) {
      const { body } = await call(
        'POST',
        '/accessmanagement/api/v1/serviceowner/authorizedparties?includeResources=true&includeInstances=true&includeInactiveParties=true',
        token,
        { type: 'urn:altinn:party:uuid', value: who.id },
      );
      const told = new Map(actedFor(body).map((one) => [one.partyUuid, one]));
      const asked = [...told].flatMap(([from, { authorizedInstances }]) =>
        resources.flatMap(({ id, twin }) => [
          ...[twin, id].flatMap((resource) =>
            ASKED.map((action) => ({
              ...{ from, id, resource, action },
              instance: undefined as string | undefined,
            })),
          ),
          ...authorizedInstances
            .filter((one) => one.resourceId === id)
            .map((one) => ({
              from,
              id,
              resource: id,
              action: 'read',
              instance: one.instanceId,
            })),
        ]),
      );
      const permits = await decideAll(who, asked);
      for (const [from, one] of told)
        for (const { id, twin } of resources) {
          const permitted = (resource: string) =>
            asked.some(
              (each, index) =>
                each.from === from &&
                each.resource === resource &&
                !each.instance &&
                permits[index],
            );
          // A right that was given is a fact; the rest is what is open without what is everybody's.
          const isListed = one.authorizedResources.includes(id);
          counts.asked += 1;
          counts.permitted += Number(permitted(twin));
          const isRight = isListed && permitted(id) && !permitted(twin);
          if (isListed !== permitted(twin) && !isRight)
            wrong.push(`${who.name} for ${one.name} on ${twin}: listed ${isListed}`);
        }
    }
    assert.deepEqual(wrong.slice(0, 5), []);
    const share = counts.permitted / counts.asked;
    assert.ok(share > 0.1 && share < 0.8, `${(100 * share).toFixed(0)} % of ${counts.asked}`);
  });

  it('in each search is what is permitted, but that nobody is listed by what is open to all', async () => {
    const token = await pdpToken();
    const search = async (what: string, body: object) => {
      const paged = { ...body, page: { limit: 1_000 } };
      const answer = await call('POST', `/access/v1/search/${what}`, token, paged);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.page.next_token, '');
      return (answer.body.results as Found[]).map((one) => one.id ?? one.name);
    };
    const isOurs = new Set([
      ...all.map(({ id }) => id),
      ...resources.flatMap(({ id, twin }) => [id, twin]),
    ]);
    const wrong: string[] = [];
    const compare = (what: string, listed: string[], permitted: string[]) => {
      const ours = listed.filter((id) => isOurs.has(id) || ASKED.includes(id));
      if (ours.toSorted().join() !== permitted.toSorted().join())
        wrong.push(`${what}: lists ${ours.length}, permits ${permitted.length}`);
    };
    for (let count = 0; count < shareOf(60); count += 1) {
      const [from, who] =
        next() < 0.4 ? pick(granted) : [pick(all), pick([...people, ...suppliers])];
      const [{ id, twin }, action] = [pick(resources), pick(['read', 'write'])];
      const about = (resource: string) => ({
        type: 'resource',
        id: resource,
        properties: { party: from.id },
      });
      const subjects = all.map((one) => ({
        subject: { type: 'party', id: one.id },
        action: { name: action },
        resource: about(twin),
      }));
      const able = await evaluations(subjects);
      compare(
        `who may ${action} on ${twin} for ${from.name}`,
        await search('subject', {
          subject: { type: 'party' },
          action: { name: action },
          resource: about(twin),
        }),
        all
          .filter((_, at) => able[at]!.decision && able[at]!.reason !== 'anyone')
          .map((one) => one.id),
      );
      const each = resources.flatMap((one) => [one.id, one.twin]);
      const subject = { type: 'party', id: who.id };
      const open = await evaluations(
        each.map((resource) => ({ subject, action: { name: action }, resource: about(resource) })),
      );
      compare(
        `what ${who.name} may ${action} for ${from.name}`,
        await search('resource', {
          subject,
          action: { name: action },
          resource: { type: 'resource', properties: { party: from.id } },
        }),
        each.filter((_, at) => open[at]!.decision),
      );
      const named = (await actionsOf(id)).filter((one) => ASKED.includes(one));
      const done = await evaluations(
        named.map((name) => ({ subject, action: { name }, resource: about(id) })),
      );
      compare(
        `how ${who.name} may act on ${id} for ${from.name}`,
        await search('action', { subject, resource: about(id) }),
        named.filter((_, at) => done[at]!.decision),
      );
    }
    assert.deepEqual(wrong.slice(0, 5), []);
  });

  const browsers = new Map<string, Browser>();
  /** The actions of a service that the page for giving it offers. */
  async function offeredOnPage(who: Somebody, from: Somebody, id: string): Promise<string[]> {
    const browser = browsers.get(who.id) ?? (await loggedIn(who, '/start'));
    browsers.set(who.id, browser);
    const query = new URLSearchParams({ party: from.id, resource: id });
    const { html } = await browser.open(`/give/terms?${query}`);
    return [...html.matchAll(/name="action" id="[^"]*" value="([^"]*)"/g)].map(([, name]) => name!);
  }

  it('of what may be given is what giving accepts', async () => {
    const receiver = make('person', 'Ny Mottaker');
    await importThis({ parties: [receiver] });
    const wrong: string[] = [];
    const counts = { accepted: 0, asked: 0 };
    const leads = await leaders();
    const isMet = () => counts.accepted > 5 && counts.accepted < counts.asked;
    for (const _ of tries(shareOf(60), isMet)) {
      const [who, from] = next() < 0.7 ? pick(leads) : [pick(people), pick(all)];
      const { id } = pick(resources);
      const check = await call(
        'GET',
        `/accessmanagement/api/v1/enduser/connections/resources/delegationcheck?party=${from.id}&resource=${id}`,
        await personToken(who),
      );
      const rights: { right: CheckedRight; result: boolean }[] =
        check.status === 200 ? check.body.rights : [];
      const offered = await offeredOnPage(who, from, id);
      const able = rights.filter(({ result }) => result).map(({ right }) => right.name);
      if (offered.sort().join() !== able.sort().join())
        wrong.push(
          `${who.name} for ${from.name} on ${id}: the page offers ${offered}, not ${able}`,
        );
      for (const { right, result } of rights) {
        const answer = await give(who, from, receiver, {
          resource: id,
          actions: [right.action.value ?? right.action],
        });
        const accepts = answer.status === 201 || answer.status === 200;
        counts.asked += 1;
        counts.accepted += Number(accepts);
        if (accepts !== result)
          wrong.push(
            `${who.name} for ${from.name}, ${JSON.stringify(right.action)} on ${id}: ${result}, ${answer.text}`,
          );
        if (accepts) await end(who, answer.body.id);
      }
    }
    assert.deepEqual(wrong.slice(0, 3), []);
    assert.ok(isMet(), JSON.stringify(counts));
  });

  it('between two parties is what is permitted, by one thing or by several', async () => {
    const wrong: string[] = [];
    const counts = { permitted: 0, asked: 0 };
    const pairs = [...granted, ...(await leaders())].filter(
      ([one, other]) => [one, other].some(({ kind }) => kind === 'person') && one.id !== other.id,
    );
    const isMet = () => counts.permitted > 10 && counts.permitted < counts.asked;
    for (const _ of tries(shareOf(120), isMet)) {
      const [one, other] = pick(pairs);
      const [who, from] = one.kind === 'person' ? [one, other] : [other, one];
      const { twin } = pick(resources);
      const { status, body } = await call(
        'GET',
        `/accessmanagement/api/v1/enduser/connections/resources/rights?party=${who.id}&from=${from.id}&to=${who.id}&resource=${twin}`,
        await personToken(who),
      );
      assert.equal(status, 200);
      const lines: { right: CheckedRight }[] = [...body.directRights, ...body.indirectRights];
      const listed = new Set(lines.map(({ right }) => right.action.value ?? right.action));
      const named = await actionsOf(twin);
      const decisions = await evaluations(
        named.map((name) => ({
          subject: { type: 'party', id: who.id },
          action: { name },
          resource: { type: 'resource', id: twin, properties: { party: from.id } },
        })),
      );
      named.forEach((action, at) => {
        const { decision, reason } = decisions[at]!;
        const isHeld = decision && ['role', 'package', 'right'].includes(reason);
        counts.asked += 1;
        counts.permitted += Number(isHeld);
        if (listed.has(action) ? !decision : isHeld)
          wrong.push(`${who.name}, ${action} for ${from.name} on ${twin}: ${reason}`);
      });
    }
    assert.deepEqual(wrong.slice(0, 5), []);
    assert.ok(isMet(), JSON.stringify(counts));
  });

  /** Those who lead organisations of this world, with what they lead. */
  async function leaders(): Promise<[Somebody, Somebody][]> {
    const { rows } = await world.database.db.raw(
      `select to_party, from_party from mandate where basis = 'register' and role in ('dagl', 'lede', 'innh') and ended_at is null
        and from_party = any(?) order by id`,
      [all.map(({ id }) => id)],
    );
    const by = new Map(all.map((one) => [one.id, one]));
    const leads: { to_party: string; from_party: string }[] = rows;
    return leads.map((row) => [by.get(row.to_party)!, by.get(row.from_party)!]);
  }

  /** The actions that the rules of a resource name. */
  async function actionsOf(id: string): Promise<string[]> {
    const { rows } = await world.database.db.raw(
      'select content from policy_version where version = (select policy_version from resource where id = ?)',
      [id],
    );
    const { rules }: { rules: { actions: string[] }[] } = rows[0].content;
    return [...new Set(rules.flatMap((one) => one.actions))];
  }

  async function evaluations(list: object[]): Promise<{ decision: boolean; reason: string }[]> {
    if (!list.length) return [];
    const token = await pdpToken();
    const { body } = await call('POST', '/access/v1/evaluations', token, { evaluations: list });
    return body.evaluations.map((one: Evaluated) => ({
      decision: one.decision,
      reason: one.context.reason,
    }));
  }

  async function decideAll(
    who: Somebody,
    asked: { from: string; resource: string; action: string; instance: string | undefined }[],
  ): Promise<boolean[]> {
    const token = await pdpToken();
    const answers: boolean[] = [];
    for (let at = 0; at < asked.length; at += 2_000) {
      const { body } = await call('POST', '/access/v1/evaluations', token, {
        subject: { type: 'party', id: who.id },
        evaluations: asked.slice(at, at + 2_000).map(({ from, resource, action, instance }) => ({
          action: { name: action },
          resource: {
            type: 'resource',
            id: resource,
            properties: { party: from, ...(instance ? { instance } : {}) },
          },
        })),
      });
      // Without a rule that denies, permit-unless-deny is open to everybody.
      answers.push(
        ...(body.evaluations as Evaluated[]).map(
          (one) => one.decision && one.context?.reason !== 'anyone',
        ),
      );
    }
    return answers;
  }
});
