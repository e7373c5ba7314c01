// Consents that several give together: a service with such a rule, a board, and what comes of it.
import assert from 'node:assert/strict';
import { newResource } from './rights/rights.ts';
import {
  ask,
  call,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  requestBody,
  REQUESTS,
  WRITE,
  type TestParty,
} from './world.ts';

export interface WrittenPlace {
  subjects: string[];
  count: number | 'all';
}

/**
 * A service whose consent several give together; `alone` are subjects of a rule beside it, and
 * `rule` has more of the rule.
 */
export const newTogether = (
  together: WrittenPlace[],
  alone: string[] = [],
  changes: object = {},
  rule: object = {},
) =>
  newResource(
    [
      { action: 'consent', together, ...rule },
      ...(alone.length ? [{ action: 'consent', subjects: alone }] : []),
      { action: 'requestconsent', subjects: ['anyone'] },
    ],
    {
      resourceType: 'Consent',
      consentTemplate: 'default',
      consentText: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
      title: { nb: 'Regnskap', nn: 'Rekneskap', en: 'Accounts' },
      ...changes,
    },
  );

/** The chair and one member of the board. */
export const CHAIR_AND_MEMBER: WrittenPlace[] = [
  { subjects: ['lede'], count: 1 },
  { subjects: ['medl'], count: 1 },
];

export interface Board {
  firm: TestParty;
  chair: TestParty;
  member: TestParty;
  other: TestParty;
}

/** A company with a chair and two members of the board. */
export async function newBoard(): Promise<Board> {
  const firm = await newOrganization('Styret AS', { mayAsk: false });
  const [chair, member, other] = [
    await newPerson('Kari Leder'),
    await newPerson('Mons Medlem'),
    await newPerson('Anna Annet'),
  ];
  await newRole('lede', firm, chair);
  await newRole('medl', firm, member);
  await newRole('medl', firm, other);
  return { firm, chair, member, other };
}

/** Two givers with their requests, the second asked with the first. */
export interface Two {
  one: TestParty;
  other: TestParty;
  first: string;
  second: string;
}

export async function askTwo(
  to: TestParty,
  ofFirst: object,
  ofSecond: object = ofFirst,
  giver?: TestParty,
): Promise<Two> {
  const [one, other] = [giver ?? (await newPerson('Eva Første')), await newPerson('Odd Andre')];
  const first = await ask(one, to, ofFirst);
  const { status, body, text } = await call('POST', REQUESTS, await organizationToken(to, WRITE), {
    ...requestBody(other, to, ofSecond),
    with: first,
  });
  assert.equal(status, 201, text);
  return { one, other, first, second: body.id };
}
