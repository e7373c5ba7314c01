// SQL of everybody who has something of a company and of its sub-units: one row for each holder and
// unit, with all that is held there. It decides nothing.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { lowered } from '../platform/db/text_store.ts';
import { stands, standsAccepted } from './force_store.ts';
import { isOpenTo } from './people_store.ts';

/** One thing that is held: a role that a register says, a package or a service. */
export interface HeldItem {
  id: string;
  basis: 'register' | 'delegation' | 'customer';
  role: string | null;
  package: string | null;
  resource: string | null;
  instance: string | null;
  /** An instant as text, null where no end is set. */
  validTo: string | null;
  /** The name of the group by which it is held. */
  group: string | null;
  isSuspended: boolean;
}

export interface UnitHolder {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  /** YYYY-MM-DD, where a register or an import says it. */
  bornOn: string | null;
  /** The unit of which it is held, by id. */
  unit: string;
  has: HeldItem[];
  /** How many rows there are in all. */
  of: number;
}

/** The units to look at, by whom, and what is looked for: a holder by name, and one package. */
export interface HoldersWanted {
  units: string[];
  viewer: string;
  text: string;
  package: string | null;
}

const shown = (units: string, now: string, viewer: string) =>
  `mandate.from_party = any(${units}::uuid[]) and mandate.basis <> 'consent' and ${standsAccepted('mandate', now)} and ${isOpenTo(viewer)}`;

const list: Statement = {
  name: 'unit_holders',
  text: `select holder.id, holder.kind, holder.name, holder.organization_no as "organizationNo", to_char(holder.born_on, 'YYYY-MM-DD') as "bornOn", unit.id as unit, (count(*) over ())::int as of,
      json_agg(json_build_object('id', mandate.id, 'basis', mandate.basis, 'role', mandate.role, 'package', mandate.package, 'resource', mandate.resource_id, 'instance', mandate.instance,
          'validTo', mandate.valid_to, 'group', team.name, 'isSuspended', mandate.suspended_at is not null or holder.suspended_at is not null)
        order by mandate.basis <> 'register', mandate.role, mandate.package, mandate.resource_id, mandate.instance, mandate.id) as has
    from mandate join party holder on holder.id = mandate.to_party join party unit on unit.id = mandate.from_party
      left join party_group team on team.id = mandate.group_id
    where ${shown('$1', '$2', '$3')} and ($4 = '' or strpos(${lowered('holder.name')}, $4) > 0 or holder.organization_no = translate($4, ' ', '')) and ($5::text is null or mandate.package = $5)
    group by holder.id, unit.id order by holder.name, holder.id, unit.parent is not null, unit.name, unit.id limit $6 offset $7`,
};

/** Holders with what each has of each unit, by name. */
export const listUnitHolders = (
  act: Act,
  { units, viewer, text, package: code }: HoldersWanted,
  { limit, offset }: { limit: number; offset: number },
): Promise<UnitHolder[]> =>
  query<UnitHolder>(act.db, list, [units, act.now, viewer, text, code, limit, offset]);

const packages: Statement = {
  name: 'packages_of_unit_holders',
  text: `select distinct mandate.package as code from mandate where ${shown('$1', '$2', '$3')} and mandate.package is not null`,
};

/** Packages that somebody has of one of the units. */
export const listHeldPackages = async (
  act: Act,
  { units, viewer }: Pick<HoldersWanted, 'units' | 'viewer'>,
): Promise<string[]> =>
  (await query<{ code: string }>(act.db, packages, [units, act.now, viewer])).map(
    ({ code }) => code,
  );

const direct: Statement = {
  name: 'directly_held',
  text: `select asked.n, mandate.id, mandate.valid_to as "validTo" from jsonb_to_recordset($1::jsonb) as asked(n int, unit uuid, "to" uuid, package text)
    join mandate on mandate.from_party = asked.unit and mandate.to_party = asked."to" and mandate.package = asked.package
      and mandate.basis = 'delegation' and mandate.through is null and mandate.group_id is null and ${stands('mandate', '$2')}
    order by asked.n`,
};

/** A package that one has from a unit. */
export interface Holds {
  unit: string;
  to: string;
  package: string;
}

/** The mandate of each of these that the unit gave by itself and by no group, by their places. */
export async function findDirect(
  act: Act,
  all: Holds[],
): Promise<({ id: string; validTo: Date | null } | undefined)[]> {
  const asked = all.map(({ unit, to, package: code }, n) => ({ n, unit, to, package: code }));
  const rows = await query<{ n: number; id: string; validTo: Date | null }>(act.db, direct, [
    ...[JSON.stringify(asked), act.now],
  ]);
  return all.map((_, at) => rows.find(({ n }) => n === at));
}
