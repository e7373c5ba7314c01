// Asking for consent by the enterprise API, and how its refusals are read.
import {
  call,
  incomeRight,
  organizationToken,
  requestBody,
  REQUESTS,
  WRITE,
  type Answer,
  type TestParty,
} from './world.ts';

export const sendAs = async (
  to: TestParty,
  from: TestParty,
  changes: object = {},
  scope = WRITE,
): Promise<Answer> =>
  call('POST', REQUESTS, await organizationToken(to, scope), requestBody(from, to, changes));
export const codes = ({ body }: Answer) =>
  (body.validationErrors ?? []).map((error: { code: string }) => error.code);
export const right = (changes: object) => [{ ...incomeRight(), ...changes }];
