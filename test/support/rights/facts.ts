// Facts, a policy and a question for the pure decision.
import {
  decide,
  type Facts,
  type MandateFacts,
  type PartyFacts,
  type ResourceFacts,
} from '../../../server/decision/rules/model.ts';
import { Catalogue } from '../../../server/resource/catalogue/model.ts';
import { parseSubject, type Policy, type Rule } from '../../../server/resource/policy/model.ts';

export const name = { nb: 'x', nn: 'x' };
export const role = (code: string, changes: object = {}) => ({
  code,
  name,
  keyRole: code === 'dagl',
  givenBy: 'organization' as const,
  urns: [],
  source: null,
  afterDeath: false,
  reachesOwner: false,
  notKeyIn: [],
  ...changes,
});
const entry = (code: string) => ({
  code,
  area: 'a',
  forKind: 'organization' as const,
  name,
  description: name,
  assignable: true,
  delegable: true,
  inPolicies: true,
  toKinds: null,
  needs: null,
  giveLevel: 3,
  decidesFrom: null,
  parentUntil: null,
  receiverFrom: null,
});
export const catalogue = new Catalogue({
  version: 1,
  sources: [],
  areas: [],
  packages: ['tax', 'pay', 'branch'].map(entry),
  roles: [
    role('dagl'),
    role('medl'),
    role('regn'),
    role('arving', { givenBy: 'person', afterDeath: true }),
    role('privatperson', { givenBy: 'person' }),
    role('selvregistrert'),
  ],
  rolePackages: [
    { role: 'dagl', package: 'tax', unitType: '', hasAccess: true, mayGive: true },
    { role: 'dagl', package: 'branch', unitType: 'NUF', hasAccess: true, mayGive: true },
    { role: 'medl', package: 'tax', unitType: '', hasAccess: false, mayGive: true },
    { role: 'regn', package: 'pay', unitType: '', hasAccess: true, mayGive: false },
  ],
});
export const rule = (...subjects: (string | string[])[]): Rule => ({
  id: 'r',
  effect: 'permit',
  actions: ['read'],
  subjects: subjects.map((one) => [one].flat().map(parseSubject)),
  when: [],
});
export const no = (one: Rule): Rule => ({ ...one, effect: 'deny' });
export const grain = { role: null, package: null, resource: null, actions: null, instance: null };
export const mandate = (what: Partial<MandateFacts>): MandateFacts => ({
  ...grain,
  id: 'm',
  basis: 'delegation',
  held: 'direct',
  unitType: 'AS',
  via: null,
  viaRole: null,
  chain: [],
  mayPassOn: false,
  validTo: null,
  ...what,
});
export const right = (actions: string[], instance: string | null = null) =>
  mandate({ resource: 'r', actions, instance });
export interface Row {
  rules: Rule[];
  mandates?: MandateFacts[];
  subject?: string;
  kind?: string;
  from?: string | null;
  fromKind?: string;
  lists?: string[];
  fromLists?: string[];
  level?: number;
  minimum?: number;
  ended?: 'subject' | 'from';
  instance?: string;
  gate?: { list: string; actions: string[] | null }[];
  attributes?: object;
}
const party = (id: string, kind: string, lists: string[], ended: boolean): PartyFacts => ({
  id,
  kind,
  ended,
  name: id,
  no: kind === 'organization' ? '310000000' : null,
  username: null,
  unitType: null,
  parent: null,
  lists,
});
export const facts = (row: Row): Facts => ({
  subject: party(
    row.subject ?? 'x',
    row.kind ?? 'person',
    row.lists ?? [],
    row.ended === 'subject',
  ),
  from:
    row.from === null
      ? null
      : party(
          row.from ?? 'x',
          row.fromKind ?? (row.from ? 'organization' : 'person'),
          row.fromLists ?? [],
          row.ended === 'from',
        ),
  mandates: row.mandates ?? [],
});
export const resource = (row: Row): ResourceFacts => ({
  id: 'r',
  type: 't',
  owner: 'o',
  ownerNo: null,
  policyVersion: 1,
  delegable: true,
  ended: false,
  selfIdentified: false,
  accessListMode: row.gate !== undefined,
  attributes: {},
  authoritative: [],
  lists: row.gate ?? [],
});
export const policy = (row: Row): Policy => ({
  combining: 'deny-overrides',
  minimumLevel: { person: row.minimum ?? 0, organization: row.minimum ?? 0 },
  rules: row.rules,
});
export const ask = (row: Row) =>
  decide(
    {
      action: 'read',
      instance: row.instance ?? null,
      level: row.level,
      named: row.from !== null,
      attributes: row.attributes ?? {},
    } as never,
    facts(row),
    resource(row),
    policy(row),
    catalogue,
  );
export const self = rule('privatperson');
export const dagl = mandate({ role: 'dagl', basis: 'register' });
export const company = { from: 'f' };
export const listed = { gate: [{ list: 'l', actions: null }], fromLists: ['l'] };
