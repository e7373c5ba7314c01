// Requests to the decision point in XACML's JSON profile.
import { call, numberOf } from '../world.ts';
import { AUTHORIZE, pdpToken } from './rights.ts';

export const ask = async (body: unknown, token?: string) =>
  call('POST', AUTHORIZE, token ?? (await pdpToken()), body);
export const attribute = (AttributeId: string, Value: unknown, extra: object = {}) => ({
  AttributeId,
  Value,
  ...extra,
});
export const action = (name: string) => [
  { Attribute: [attribute('urn:oasis:names:tc:xacml:1.0:action:action-id', name)] },
];
export const mva = (organizationNo: string) => [
  {
    Attribute: [
      attribute('urn:altinn:resource', 'mva-melding'),
      attribute('urn:altinn:organization:identifier-no', organizationNo),
    ],
  },
];
export const person = (number: string) => [
  { Attribute: [attribute('urn:altinn:person:identifier-no', number)] },
];
export const DANIEL = '17877912736';
export const firm = () => numberOf('Testdal Rørlegger AS');
