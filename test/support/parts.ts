// Consents of which a part may be left out: asked for, given in part, narrowed, and read.
import { newConsentResource } from './rights/rights.ts';
import { API, call, personToken } from './world.ts';

/** A right that a request asks for; `optional` as it is said, if it is. */
export const asked = (resource: string, optional?: boolean) => ({
  action: ['consent'],
  resource: [{ type: 'urn:altinn:resource', value: resource }],
  metadata: {},
  ...(optional === undefined ? {} : { optional }),
});

/** A service of this title whose consent these may give. */
export const titled = (
  title: string,
  changes: object = {},
  subjects: string[] = ['privatperson'],
): Promise<string> =>
  newConsentResource(subjects, { title: { nb: title, nn: title, en: title }, ...changes });

/** The services of rights as an answer has them. */
export const named = (rights: { resource: { value: string }[] }[]) =>
  rights.map(({ resource }) => resource[0]!.value);

/** Says yes by JSON; what more it says stands in `body`. */
export const answerYes = async (id: string, by: { id: string }, body: object = {}) =>
  call('POST', `${API}/consent/request/${id}/approve`, await personToken(by), {
    language: 'nb',
    ...body,
  });

export const narrow = async (id: string, body: object, by: { id: string }) =>
  call('PATCH', `/access/v1/consents/${id}`, await personToken(by), body);
