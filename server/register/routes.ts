// Registers' facts, for those they concern: who has left and still holds rights, what other
// registers have about a person now, and for operators how far each feed has come.
import type { Deciding } from '../decision/act.ts';
import { person, token } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { AUTHORIZE_ANY } from '../decision/asking.ts';
import { mustAdminister } from '../delegation/authority.ts';
import { ENDUSER, mustBeOneself } from '../delegation/enduser.ts';
import { findParty } from '../party/store.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { languageOf, pick, type Language } from '../platform/locale.ts';
import { uuid } from '../platform/http/shapes.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { packageUrn } from '../resource/policy/model.ts';
import type { Registers } from './commands.ts';
import { askAround } from './source/outside.ts';
import { Leavers, OutsideRows, RegistersShape } from './shapes.ts';
import type { LiveRegister } from './source/sources.ts';
import { findLeavers, readState } from './store.ts';

export interface RegisterApi {
  registers: Registers;
  live: LiveRegister[];
}

const reading = { method: 'GET' as const, dialect: 'own' as const, limit: 'read' as const };

export function registerOperations(api: RegisterApi): Operation[] {
  return [
    operation(
      {
        ...reading,
        id: 'leavers',
        paths: ['/access/v1/leavers'],
        summary: 'Rights of people who no longer work there',
        who: person(ENDUSER),
        query: { party: uuid() },
        answers: { 200: { description: 'Each with how to end it', schema: Leavers } },
        errors: ['TIL-00008'],
      },
      async ({ act, caller, query }) => {
        await mustAdminister(act, caller, query.party, 'access');
        const found = await findLeavers(act, [query.party], {});
        return reply({ data: found.map(leaverDto), links: { next: null } });
      },
    ),
    operation(
      {
        ...reading,
        id: 'outside_registers',
        paths: ['/access/v1/outside'],
        summary: 'Mandates that other registers have about the caller',
        who: person(ENDUSER),
        answers: { 200: { description: 'By register', schema: OutsideRows } },
      },
      async ({ act, caller }) => {
        const self = await findParty(act, { by: 'uuid', value: mustBeOneself(caller) });
        const number = self?.personNo ?? null;
        const data = await askAround(act, api.live, number);
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...reading,
        id: 'registers',
        paths: ['/access/v1/registers'],
        summary: 'How far the feed of each register has come',
        who: token(AUTHORIZE_ANY),
        answers: { 200: { description: 'Registers', schema: RegistersShape } },
      },
      async ({ act, ctx }) => reply({ data: await registersOf(act, api, languageOf(ctx)) }),
    ),
  ];
}

/** To be ended by DELETE of its mandate. */
const leaverDto = (row: Awaited<ReturnType<typeof findLeavers>>[number]) => ({
  mandate: row.id,
  person: { id: row.employee, name: row.name },
  endedOn: row.endedOn,
  package: row.package && packageUrn(row.package),
  resource: row.resource,
  actions: row.actions,
  for: { id: row.for, name: row.forName },
  links: { end: `/access/v1/mandates/${row.id}` },
});

async function registersOf(act: Deciding, { registers, live }: RegisterApi, language: Language) {
  const states = new Map((await readState(act.db)).map((state) => [state.source, state]));
  const { sources } = await currentCatalogue(act);
  const about = (code: string) => {
    const source = sources.get(code);
    if (!source) return {};
    return {
      name: pick(source.name, language)!.text,
      legalBasis: pick(source.legalBasis, language)!.text,
      purpose: pick(source.purpose, language)!.text,
      visibility: source.visibility,
    };
  };
  const followed = registers.sources.map(async (source) => ({
    ...about(source.code),
    ...states.get(source.code),
    source: source.code,
    live: false,
    reachable: await source.health(),
  }));
  const asked = live.map(({ code }) => ({ ...about(code), source: code, live: true }));
  return [...(await Promise.all(followed)), ...asked];
}
