// Every form of the pages for one who is logged in, where it can be pressed: by whom, on what page.
import { loggedIn } from './browser.ts';
import {
  assigned,
  assigning,
  bringing,
  bringingWork,
  endingWork,
  leaving,
  ofList,
  lookedOver,
  working,
} from './company_posts.ts';
import { choose, toChoice } from './choosing.ts';
import { dayIn, showingCode } from './giving.ts';
import { CONSENT, newWebClient, push } from '../oauth/clients.ts';
import { authorization } from '../oauth/relying_party.ts';
import { born } from '../oauth/given.ts';
import {
  can,
  given,
  sent,
  newFirm,
  newMandate,
  newResource,
  newTeam,
  rightTo,
} from '../rights/rights.ts';
import { inGroup } from '../rights/groups.ts';
import { office } from '../rights/office.ts';
import { newScopesGiven } from '../rights/schemas.ts';
import { newCaseNo, openedCase, supportStaff, waitingCase } from '../rights/staff.ts';
import { newAskedSystem } from '../rights/systems.ts';
import { ofRefused } from '../signals.ts';
import { CHAIR_AND_MEMBER, newBoard, newTogether } from '../together.ts';
import {
  approve,
  approvedConsent,
  ask,
  call,
  importThis,
  incomeRight,
  inDays,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  putParty,
  type TestParty,
  withdraw,
  world,
} from '../world.ts';

const PARTIES = 'urn:tillit:parties';
const REQUESTS = '/accessmanagement/api/v1/enduser/request';
const DRAFTS = '/accessmanagement/api/v1/serviceowner/delegationrequests/resource';
const VAT = 'merverdiavgift';
const PENSION = 'innbygger-pensjon';

/** A form, and what is put into it. */
export interface Fields {
  /** How its address begins. */
  action: string;
  /** What is typed, by the name of its field. */
  typed?: Record<string, string>;
  /** What no browser shows again: a file. */
  brought?: Record<string, string>;
  /** What is chosen or which button is pressed, by name. */
  chosen?: Record<string, string>;
}
export interface Form extends Fields {
  person: TestParty;
  /** Where it stands. */
  page: string;
  /** The form that is sent first, to come to this one. */
  first?: Fields;
}

const named = (party: TestParty) => ({ number: party.number, lastName: lastName(party) });

async function ofMandate(step: string, page = `/${step}`): Promise<Form> {
  const [person, helper] = [await newPerson(), await newPerson()];
  const id = await given(person, person, helper, { package: PENSION });
  return { person, page: `/overview/${id}${page}`, action: `/overview/${id}/${step}` };
}

/** What somebody has given, on the page of the one who got it. */
async function ofReceiver(step = 'silence') {
  const [giver, person] = [await newPerson(), await newPerson()];
  const what = { package: PENSION };
  const isSent = step === 'accept';
  const id = isSent ? await sent(giver, person, what) : await given(giver, giver, person, what);
  return { giver, person, page: `/overview/${id}`, action: `/overview/${id}/${step}` };
}

/** What a vendor asks about its system, on the page of the one who answers. */
async function ofSystem(step: string): Promise<Form> {
  const { boss: person, request } = await newAskedSystem();
  const page = `/systems/requests/${request.id}`;
  return { person, page, action: `${page}/${step}` };
}

/** A system that the company has let in, which it suspends, resumes or ends. */
async function onSystem(step: string): Promise<Form> {
  const { firm, boss: person, request } = await newAskedSystem();
  const answered = `/access/v1/system-users/requests/${request.id}`;
  const token = await personToken(person);
  await call('POST', `${answered}/accept`, token);
  const { systemUser } = (await call('GET', answered, token)).body;
  if (step === 'resume') await call('POST', `/access/v1/system-users/${systemUser}/suspend`, token);
  const action = `/systems/${systemUser}/${step}`;
  return { person, page: `${action}?party=${firm.id}`, action };
}

async function silenced(): Promise<Form> {
  const { giver, person } = await ofReceiver();
  await world.database.db.raw(
    'insert into silence (party, sender, at, by_party) values (?, ?, now(), ?)',
    [...[person.id, giver.id, person.id]],
  );
  return { person, page: `/silences?party=${person.id}`, action: '/silences/end' };
}

async function ofConsent(step: string, page = ''): Promise<Form> {
  const { id, from } = await approvedConsent();
  return { person: from, page: `/consents/${id}${page}`, action: `/consents/${id}/${step}` };
}

/** A request of an employee to the company: answered by its director, withdrawn by who asked. */
async function ofRequest(step: string, isOwn = false): Promise<Form> {
  const { firm, boss, clerk } = await newTeam();
  const resource = await newResource([can('read', 'dagl'), can('write', 'dagl')]);
  const query = new URLSearchParams({ party: clerk.id, to: firm.id, resource });
  const { body } = await call('POST', `${REQUESTS}/resource?${query}`, await personToken(clerk));
  const page = `/requests/${body.id}`;
  return { person: isOwn ? clerk : boss, page, action: `${page}/${step}` };
}

/** A request that one of two directors passes on to the other. */
async function passedOn(): Promise<Form> {
  const { firm, boss, clerk } = await newTeam();
  const other = await newPerson('Lars Leder');
  await newRole('lede', firm, other);
  const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: VAT });
  const { body } = await call('POST', `${REQUESTS}/package?${query}`, await personToken(clerk));
  const page = `/requests/${body.id}/pass-on`;
  return { person: boss, page, action: page, chosen: { to: other.id } };
}

/** What a service owner has written, and the one it is for has not sent. */
async function drafted(): Promise<Form> {
  const [{ firm, clerk }, owner] = [await newTeam(), await newOrganization()];
  const entry = {
    identifier: `u-${crypto.randomUUID()}`,
    owner: owner.number,
    resourceType: 'GenericAccessResource',
    title: { nb: 'Tjeneste', nn: 'Teneste', en: 'Service' },
    rules: [can('read', 'dagl')],
  };
  await importThis({ resources: [entry] });
  const token = await organizationToken(owner, 'altinn:serviceowner/delegationrequests.write');
  const asked = { from: clerk.urn, to: firm.urn, resource: entry.identifier };
  const { body } = await call('POST', DRAFTS, token, asked);
  return { person: clerk, page: `/requests/${body.id}`, action: `/requests/${body.id}/confirm` };
}

async function giving(): Promise<Form> {
  const { firm, boss, clerk } = await newTeam();
  return {
    person: boss,
    page: `/give/terms?party=${firm.id}&package=${VAT}`,
    action: '/give/terms',
    typed: named(clerk),
    chosen: { long: 'year' },
  };
}

/** An office that asks its customers for more. */
async function askingClients(): Promise<Form> {
  const { firm, boss, customers } = await office();
  const clients = customers.map(({ id }) => `&client=${id}`).join('');
  const page = `/customers/ask?party=${firm.id}${clients}`;
  return {
    person: boss,
    page,
    action: '/customers/ask',
    chosen: { long: 'year', package: 'toll' },
  };
}

async function sendingToClients(): Promise<Form> {
  const { person, page, ...first } = await askingClients();
  return { person, page, first, action: '/customers/ask/check' };
}

/** A giver, where the code that another shows is entered. */
async function entering(): Promise<Form> {
  const person = await newPerson();
  const { code } = await showingCode(await newPerson());
  const page = `/give/code?party=${person.id}`;
  return { person, page, action: '/give/code', typed: { code } };
}

async function byCode(): Promise<Form> {
  const { person, page, ...first } = await entering();
  const chosen = { long: 'year', package: 'innbygger-fritidsaktiviteter-friluftsliv' };
  return { person, page, first, action: '/give/code/what', chosen };
}

async function asking(): Promise<Form> {
  const { firm, clerk } = await newTeam();
  const page = `/ask/terms?resource=${await newResource([can('read', 'dagl')])}`;
  const chosen = { long: 'year', action: 'read' };
  return { person: clerk, page, action: '/ask/terms', typed: named(firm), chosen };
}

async function program(): Promise<Form> {
  const client = await newWebClient({ authorization_details_types: [PARTIES] });
  const { firm, boss } = await newFirm();
  await choose(client, boss, [{ type: PARTIES }], firm.id);
  return { person: boss, page: '/apps', action: '/apps' };
}

/** A client that has had a no, and would like to ask again. */
async function saidNo(): Promise<Form> {
  const client = await newWebClient({ authorization_details_types: [CONSENT] });
  const person = await newPerson();
  const detail = { type: CONSENT, validTo: inDays(60), consentRights: [incomeRight()] };
  const { browser } = await toChoice(client, person, [detail]);
  const id = browser.page.url.searchParams.get('id')!;
  await browser.submit({ answer: 'no' });
  return { person, page: `/consents/${id}/again`, action: `/consents/${id}/again` };
}

/** What is paused, by the act of its interface. */
async function narrowed(): Promise<Form> {
  const { id, from } = await approvedConsent();
  const page = `/consents/${id}/narrow`;
  return { person: from, page, action: page, typed: { date: dayIn(1) } };
}

async function paused(kind: 'mandates' | 'consents'): Promise<Form> {
  const form = await (kind === 'mandates' ? ofMandate('resume', '') : ofConsent('resume'));
  const id = form.page.split('/').at(-1);
  await call('POST', `/access/v1/${kind}/${id}/suspend`, await personToken(form.person));
  return form;
}

async function choosing(): Promise<Form> {
  const client = await newWebClient({ authorization_details_types: [PARTIES] });
  const { firm, boss } = await newFirm();
  const { pushed } = await push(client, [{ type: PARTIES }]);
  const query = { client_id: client.id, request_uri: pushed.body.request_uri };
  return {
    person: boss,
    page: `/authorize?${new URLSearchParams(query)}`,
    action: '/interaction/',
    chosen: { party: firm.id, answer: 'yes' },
  };
}

/** A client that would go on after the login. */
async function offline(): Promise<Form> {
  const { query } = authorization(await newWebClient(), { scope: 'openid offline_access' });
  return {
    person: await newPerson(),
    page: `/authorize?${query}`,
    action: '/interaction/',
    chosen: { answer: 'yes' },
  };
}

/** One who has somebody to act for, and has been told of something given. */
async function alone(page: string, chosen: Record<string, string> = {}): Promise<Form> {
  const [{ boss }, giver] = [await newFirm(), await newPerson()];
  await given(giver, giver, boss, { package: PENSION });
  return { person: boss, page, action: page, chosen };
}

/** Several see to what a company is told. */
async function ofFirm(): Promise<Form> {
  const { firm, boss, clerk } = await newTeam();
  await given(boss, firm, clerk, { package: VAT });
  return { person: boss, page: `/inbox?party=${firm.id}`, action: '/inbox' };
}

async function waiting(): Promise<Form> {
  const [person, to] = [await newPerson(), await newOrganization()];
  const page = `/consent/request?id=${await ask(person, to)}`;
  return { person, page, action: '/consent/request', chosen: { answer: 'yes' } };
}

/** A request of a board, to which the chair has said yes. */
async function passing(): Promise<Form> {
  const [board, to] = [await newBoard(), await newOrganization()];
  const id = await ask(board.firm, to, rightTo(await newTogether(CHAIR_AND_MEMBER)));
  await approve(id, board.chair);
  return { person: board.chair, page: `/consent/request?id=${id}`, action: '/consent/pass-on' };
}

/** What both parents must give, to which one has said yes. */
async function saidYes(): Promise<Form> {
  const [child, aunt] = [await newPerson(), await newPerson()];
  const [one, other] = [await newPerson(), await newPerson()];
  await putParty(child, { bornOn: born(9) });
  for (const parent of [one, other]) {
    await newRole('foreldreansvar', child, parent);
    await newMandate(child, parent, { package: 'innbygger-tilgangsstyring-privatperson' });
  }
  await newMandate(child, aunt, { package: PENSION });
  const resource = await newResource([can('read', 'privatperson', 'foreldreansvar')], {
    ...{ decidesFrom: 16, parentUntil: 18, parents: 'all' },
  });
  const query = new URLSearchParams({ party: aunt.id, to: child.id, resource });
  const { body } = await call('POST', `${REQUESTS}/resource?${query}`, await personToken(aunt));
  const answer = new URLSearchParams({ party: child.id, id: body.id });
  await call('PUT', `${REQUESTS}/received/approve?${answer}`, await personToken(one));
  const page = `/requests/${body.id}?party=${child.id}`;
  return { person: one, page, action: `/requests/${body.id}/take-back` };
}

async function stopping(): Promise<Form> {
  const [person, helper] = [await newPerson(), await newPerson()];
  await given(person, person, helper, { package: PENSION });
  const page = `/overview/stop?party=${person.id}&receiver=${helper.id}`;
  return { person, page, action: '/overview/stop' };
}

/** What one has from a person, of which everything is chosen, or what is paused. */
async function ofPerson(step: 'end' | 'change' | 'resume'): Promise<Form> {
  const [person, helper] = [await newPerson(), await newPerson()];
  const id = await given(person, person, helper, { package: PENSION });
  const suspend = `/access/v1/mandates/${id}/suspend`;
  if (step === 'resume') await call('POST', suspend, await personToken(person));
  const path = `/overview/people/${helper.id}`;
  const query = new URLSearchParams({ party: person.id, held: id });
  const page = `${path}${step === 'resume' ? '' : `/${step}`}?${query}`;
  return { person, page, action: `${path}/${step}` };
}

/** By operation, as test/routes.txt has them. */
export const FORMS: Record<string, () => Promise<Form>> = {
  '/apps': program,
  '/ask/terms': asking,
  '/ask/check': async () => {
    const { person, page, ...first } = await asking();
    return { person, page, first, action: '/ask/check' };
  },
  '/consent/pass-on': passing,
  '/consent/request': waiting,
  '/consents/:id/again': saidNo,
  '/consents/:id/deletion': async () => {
    const form = await ofConsent('deletion');
    await withdraw(form.page.split('/').at(-1)!, form.person);
    return form;
  },
  '/consents/:id/narrow': narrowed,
  '/consents/:id/resume': () => paused('consents'),
  '/consents/:id/suspend': () => ofConsent('suspend'),
  '/consents/:id/withdraw': () => ofConsent('withdraw', '/withdraw'),
  '/customers/agents': async () => {
    const [{ firm, boss }, agent] = [await newFirm(), await newPerson()];
    const page = `/customers/agents?party=${firm.id}`;
    return { person: boss, page, action: '/customers/agents', typed: named(agent) };
  },
  '/customers/agents/end': endingWork,
  '/customers/agents/work': working,
  '/customers/one': () => working('customer'),
  '/customers/assign': assigning,
  '/customers/assign/check': assigned,
  '/give/check': async () => {
    const { person, page, ...first } = await giving();
    return { person, page, first, action: '/give/check' };
  },
  '/lists/:id/add': () => ofList('add'),
  '/lists/:id/out': () => ofList('out'),
  '/log/reason': async () => {
    const { firm, boss: person } = await newFirm();
    const page = `/log/reason?party=${firm.id}`;
    return { person, page, action: '/log/reason', chosen: { reason: 'law' } };
  },
  '/groups': async () => {
    const { firm, boss: person } = await newFirm();
    const page = `/groups?party=${firm.id}`;
    return { person, page, action: '/groups', typed: { name: 'Vaktlag' } };
  },
  '/groups/:id/change': async () => ({ ...(await inGroup('/change')), typed: { name: 'Vakt' } }),
  '/groups/:id/close': () => inGroup(''),
  '/groups/:id/end': () => inGroup('/end'),
  '/groups/:id/members': async () => {
    const form = await inGroup('/members');
    const { number, name } = await newPerson();
    return { ...form, typed: { number, lastName: name.split(' ').at(-1)! } };
  },
  '/groups/:id/out': () => inGroup('', 'out'),
  '/groups/:id/rights': async () => ({
    ...(await inGroup('/rights')),
    chosen: { package: 'toll' },
  }),
  '/holdings/file': bringing,
  '/holdings/file/check': () => lookedOver(bringing()),
  '/customers/file': bringingWork,
  '/customers/file/check': () => lookedOver(bringingWork()),
  '/leavers': leaving,
  '/customers/ask': askingClients,
  '/customers/ask/check': sendingToClients,
  '/code': () => alone('/code'),
  '/give/code': entering,
  '/give/code/what': byCode,
  '/give/terms': giving,
  '/inbox': ofFirm,
  '/interaction/:uid/offline': offline,
  '/interaction/:uid/represent': choosing,
  '/overview/:id/change': async () => ({
    ...(await ofMandate('change')),
    typed: { date: dayIn(700) },
  }),
  '/overview/:id/accept': () => ofReceiver('accept'),
  '/overview/:id/end': () => ofMandate('end'),
  '/overview/:id/resume': () => paused('mandates'),
  '/overview/:id/suspend': () => ofMandate('suspend', ''),
  '/overview/people/:id/change': async () => ({
    ...(await ofPerson('change')),
    typed: { date: dayIn(700) },
  }),
  '/overview/people/:id/end': () => ofPerson('end'),
  '/overview/people/:id/resume': () => ofPerson('resume'),
  '/overview/stop': stopping,
  '/parties': () => alone('/parties'),
  '/profile': () => alone('/profile', { language: 'nn' }),
  '/overview/:id/silence': ofReceiver,
  '/requests/:id/pass-on': passedOn,
  '/requests/:id/silence': () => ofRequest('silence'),
  '/consents/:id/silence': () => ofConsent('silence'),
  '/signals/again': () => ofRefused('again'),
  '/signals/let-go': () => ofRefused('let-go'),
  '/silences': async () => {
    const { person } = await ofReceiver();
    return { person, page: '/silences', action: '/silences' };
  },
  '/silences/end': silenced,
  '/systems/requests/:id/accept': () => ofSystem('accept'),
  '/systems/requests/:id/reject': () => ofSystem('reject'),
  '/systems/requests/:id/silence': () => ofSystem('silence'),
  '/scopes': async () => {
    const { consumer, boss: person } = await newScopesGiven();
    const page = `/scopes?party=${consumer.id}`;
    const { html } = (await loggedIn(person, page)).page;
    const [, mandate] = /name="mandate" id="[^"]*" value="([^"]*)"/.exec(html)!;
    return { person, page, action: '/scopes', chosen: { mandate: mandate! } };
  },
  '/support': async () => {
    const [person] = await supportStaff();
    const { number } = await newPerson();
    const typed = { number, case: newCaseNo() };
    return { person, page: '/support', action: '/support', typed, chosen: { reason: 'asked' } };
  },
  '/support/cases/:id/approve': () => waitingCase(),
  '/support/cases/:id/suspend': () => openedCase(0, 'suspend'),
  '/support/cases/:id/resume': async () => {
    const { giver } = await openedCase(1, 'suspend', true);
    return openedCase(0, 'resume', false, giver);
  },
  '/systems/:id/end': () => onSystem('end'),
  '/systems/:id/suspend': () => onSystem('suspend'),
  '/systems/:id/resume': () => onSystem('resume'),
  '/requests/:id/approve': async () => ({
    ...(await ofRequest('approve')),
    // One of two, which both were ticked.
    chosen: { action: 'read' },
  }),
  '/requests/:id/confirm': drafted,
  '/requests/:id/explain': async () => {
    const form = await ofRequest('explain');
    await world.database.db.raw(
      `update access_request set state = 'rejected', changed_by = ? where id = ?`,
      [form.person.id, form.page.split('/').at(-1)!],
    );
    return { ...form, chosen: { reason: 'less' } };
  },
  '/requests/:id/reject': () => ofRequest('reject'),
  '/requests/:id/remind': async () => {
    const form = await ofRequest('remind', true);
    await world.database.db.raw(
      `update access_request set changed_at = changed_at - interval '8 days' where id = ?`,
      [form.page.split('/').at(-1)!],
    );
    return form;
  },
  '/requests/:id/take-back': saidYes,
  '/requests/:id/withdraw': () => ofRequest('withdraw', true),
  '/sessions': () => alone('/sessions'),
};
