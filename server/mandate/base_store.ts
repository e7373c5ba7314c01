// SQL of what a use rests on: who has each mandate, through whom and by which group. It decides
// nothing.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';

/** A mandate that something rests on. */
export interface Base {
  id: string;
  from: string;
  to: string;
  toName: string;
  toKind: string;
  /** Parties that lead the holder by a register that is open to all. */
  ledBy: string[];
  /** The one who passed it on. */
  via: { name: string; kind: string } | null;
  /** The name of the group by which it was given. */
  group: string | null;
}

const bases: Statement = {
  name: 'bases_of_uses',
  text: `select mandate.id, mandate.from_party as "from", mandate.to_party as "to", holder.name as "toName", holder.kind as "toKind",
      array(select leads.to_party from mandate leads join role on role.code = leads.role and role.key_role join source on source.code = role.source and source.visibility <> 'secret'
        where leads.from_party in (holder.id, holder.parent) and leads.basis = 'register') as "ledBy", grouped.name as "group",
      (select json_build_object('name', supplier.name, 'kind', supplier.kind) from mandate parent join party supplier on supplier.id = parent.to_party where parent.id = mandate.through) as via
    from mandate join party holder on holder.id = mandate.to_party left join party_group grouped on grouped.id = mandate.group_id where mandate.id = any($1)`,
};

/** These mandates, by id. */
export async function findBases({ db }: Act, mandates: string[]): Promise<Map<string, Base>> {
  const ids = [...new Set(mandates)];
  const found = ids.length ? await query<Base>(db, bases, [ids]) : [];
  return new Map(found.map((one) => [one.id, one]));
}
