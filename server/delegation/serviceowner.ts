// What service owners' calls have in common: which organisation calls, and the parties that it
// names.
import type { Context } from 'koa';
import { invalidToken, type Caller } from '../caller/model.ts';
import { anyPartyName } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import type { Db } from '../platform/db.ts';
import { fault } from '../platform/errors.ts';
import { invalid } from './problems.ts';
import type { Owner } from './registrar.ts';

/** The organisation that calls; 401 for a token without one. */
export async function ownerOf(ctx: Context, db: Db): Promise<Owner> {
  const caller = ctx.state.caller as Caller;
  if (caller.kind !== 'organization') throw invalidToken('no consumer claim');
  const owner = await findParty(db, { by: 'organization', value: caller.organizationNo });
  if (!owner) throw fault('TIL-00008', { because: 'unknown owner' });
  return { id: owner.id, no: caller.organizationNo };
}

/** The id of a party that an owner names, by URN, number or UUID. */
export async function namedParty(db: Db, urn: unknown, path: string): Promise<string> {
  const name = typeof urn === 'string' ? anyPartyName(urn) : undefined;
  const party = name && (await findParty(db, name));
  if (!party) throw invalid([urn === undefined ? 'STD.VLD-00000' : 'AM.VLD-00006', path]);
  return party.id;
}
