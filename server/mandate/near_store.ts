// SQL of mandates that might have opened something: between a party and one who asks, whatever
// became of them; and those of a party that stand and rest on something that does not hold.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { columnsAt, joined, type MandateRow } from './delegation_store.ts';
import { inForce, standsAccepted } from './force_store.ts';

const near: Statement = {
  name: 'near_mandates',
  text: `select ${columnsAt('$3::timestamptz')} ${joined}
    where mandate.basis <> 'consent'
      and mandate.from_party in (select $1::uuid union select main.parent from party main where main.id = $1 and main.parent is not null)
      and (mandate.from_party = $1 or mandate.subunits)
      and (mandate.to_party = $2 or mandate.to_party in (select firm.id from mandate leads
        join role on role.code = leads.role and role.key_role join party firm on firm.id = leads.from_party or firm.parent = leads.from_party
        where leads.to_party = $2 and leads.basis = 'register' and ${inForce('leads', '$3')}))
    order by mandate.ended_at desc nulls first, mandate.valid_to desc nulls first, mandate.id desc limit 500`,
};

/**
 * A party's mandates from another, direct or through a firm that it leads, newest first; ended ones
 * too.
 */
export const findNear = (
  act: Act,
  { from, to }: { from: string; to: string },
): Promise<MandateRow[]> => query<MandateRow>(act.db, near, [from, to, act.now]);

const inactive: Statement = {
  name: 'inactive_mandates',
  text: `select * from (select ${columnsAt('$2::timestamptz')} ${joined}
      where mandate.basis <> 'consent' and (mandate.from_party = $1 or ($3 and mandate.to_party = $1))
        and mandate.suspended_at is null and mandate.valid_from <= $2 and ${standsAccepted('mandate', '$2')}) as standing
    where standing.lacks is not null order by standing.id desc limit 200`,
};

/** Given by a party, and what it received when that is wanted: what stands and does not hold. */
export const findInactive = (
  act: Act,
  { party, received }: { party: string; received: boolean },
): Promise<MandateRow[]> => query<MandateRow>(act.db, inactive, [party, act.now, received]);
