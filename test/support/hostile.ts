// Names and scopes that the tests of hostile callers share.
import { randomUUID } from 'node:crypto';
import type { TestParty } from './world.ts';
import { OWNER } from './rights/rights.ts';

export const TAX = { package: 'merverdiavgift' };
export const T = { nb: 'x', nn: 'x', en: 'x' };
export const REGISTRY = '/resourceregistry/api/v1';
export const WRITE =
  'altinn:resourceregistry/resource.write altinn:resourceregistry/accesslist.write altinn:authorization/authorize';
export const owner = { number: OWNER } as TestParty;
export const unique = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
