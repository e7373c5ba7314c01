// Calls of the API for end users, and how its refusals are read.
import assert from 'node:assert/strict';
import { call, personToken } from '../world.ts';
export const ENDUSER = '/accessmanagement/api/v1/enduser';
export const OWNERS = '/accessmanagement/api/v1/serviceowner';
export const q = (parameters: object) =>
  `?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined) as [string, string][])}`;
export const send = async (
  actor: { id: string },
  method: string,
  path: string,
  parameters: object = {},
  body?: unknown,
  claims?: object,
) => call(method, `${ENDUSER}${path}${q(parameters)}`, await personToken(actor, claims), body);
/** How many notices of a type a person has. */
export async function countNotices(who: { id: string }, type: string): Promise<number> {
  const { body } = await call('GET', '/access/v1/notices', await personToken(who));
  return body.data.filter((one: { type: string }) => one.type === type).length;
}
/** The members of a refusal that a test reads: one of a whole call, or one of each faulty field. */
interface Refusal {
  code?: string;
  validationErrors?: { code: string }[];
}
export const codeOf = (answer: { body: Refusal }) =>
  answer.body?.validationErrors?.[0]?.code ?? answer.body?.code;
export const refused = (answer: { body: Refusal; text: string }, code: string) =>
  assert.equal(codeOf(answer), code, answer.text);
