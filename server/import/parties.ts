// Takes parties and their roles in from a file.
import type { Act } from '../platform/act.ts';
import { randomUUID } from 'node:crypto';
import { inChunks, type Refuse, type ImportStep } from './consents.ts';
import type { Entry, Records } from './read.ts';
import { followMain, markEstate } from '../mandate/estate_store.ts';
import { putSigning, type Estate } from '../party/facts_store.ts';
import { signersOf, signingRules, type NamedSigner } from '../party/signing_model.ts';
import { importRegisterRoles } from '../mandate/store.ts';
import { systemsAmong } from '../party/system_store.ts';
import { isOrganizationNumber, isPersonNumber } from '../party/model.ts';
import { listRoles } from '../party/store.ts';
import { identifyParties, importParties, existingPartyIds } from '../party/import_store.ts';
import type { Db } from '../platform/db/db.ts';
import { isUuid } from '../platform/ids.ts';
import { isGenericGuardian, NAME_THE_TASK } from '../resource/catalogue/model.ts';

export async function putParties(
  act: Act,
  entries: Entry[],
  refuse: Refuse,
  clean: () => boolean,
): Promise<void> {
  const keyOf = (entry: Entry): string => entry.number ?? entry.username ?? entry.id ?? '';
  const existing = await identifyParties(act.db, entries.map(keyOf));
  const seen = new Set<string>();
  const rows = entries.map((entry) => {
    const why = partyFault(entry);
    if (why) refuse(entry, `party: ${why}`);
    const key = keyOf(entry);
    if (key && seen.has(key)) refuse(entry, 'party: the number is in the file twice');
    seen.add(key);
    const known = existing.get(key);
    if (known && entry.id && known !== entry.id.toLowerCase())
      refuse(entry, 'party: the number belongs to another party');
    const { number: _number, owner: _owner, ...fields } = entry;
    return {
      ...fields,
      line: entry.line,
      id: entry.id ?? known ?? randomUUID(),
      kind: entry.kind,
      name: entry.name,
      ...(entry.kind === 'person' ? { personNo: entry.number } : { organizationNo: entry.number }),
    };
  });
  if (!clean()) return;
  // An owner must be there before what it owns.
  const owners = await identifyParties(
    act.db,
    entries.flatMap((entry) => entry.owner ?? []),
  );
  const own = new Map(
    rows.flatMap((row) =>
      'organizationNo' in row && row.organizationNo
        ? [[row.organizationNo as string, row.id] as const]
        : [],
    ),
  );
  const owned = rows.map((row, index) => {
    const number = entries[index]!.owner as string | undefined;
    const owner = number && (own.get(number) ?? owners.get(number));
    if (number && !owner) refuse(entries[index]!, `party: the owner ${number} is not known`);
    return owner ? { ...row, owner } : row;
  });
  if (!clean()) return;
  await inChunks(
    owned.filter((row) => row.kind !== 'system_user'),
    async (chunk) => {
      const moved = await importParties(act, chunk);
      if (moved.length) await followMain(act.db, moved);
    },
  );
  await inChunks(
    owned.filter((row) => row.kind === 'system_user'),
    async (chunk) => void (await importParties(act, chunk)),
  );
  const parents = await identifyParties(
    act.db,
    entries.flatMap((entry) => entry.parent ?? []),
  );
  for (const entry of entries)
    if (entry.parent && !parents.has(entry.parent))
      refuse(entry, `party: the parent ${entry.parent} is not known`);
  if (clean()) await markEstates(act, rows);
}

/** Bankruptcies that the file has, begun and set aside. */
async function markEstates(
  act: Act,
  rows: { id: string; estate?: Partial<Estate> | null }[],
): Promise<void> {
  for (const { id, estate } of rows)
    if (estate !== undefined)
      await markEstate(act, id, estate && { on: estate.on ?? null, court: estate.court ?? null });
}

/** Each kind has its own name: a number with control digits, a user name, or a system. */
function partyFault(entry: Entry): string | undefined {
  const { kind, number } = entry;
  const numbered = ['person', 'organization', 'subunit'].includes(kind);
  if (numbered && number === undefined) return 'number is required';
  if (!numbered && number !== undefined) return `a ${kind} has no number`;
  if (kind === 'person' && !isPersonNumber(number))
    return 'the control digits of the national identity number are wrong';
  if (numbered && kind !== 'person' && !isOrganizationNumber(number))
    return `the control digits of ${number} are wrong`;
  if (entry.signing !== undefined && kind !== 'organization')
    return 'signing rules are of an organization';
  if (entry.estate !== undefined && kind !== 'organization')
    return 'an estate in bankruptcy is of an organization';
  if (kind === 'subunit' && !entry.parent) return 'a sub-unit needs its parent';
  if ((kind === 'self_identified') !== (entry.username !== undefined))
    return 'username is for a self-identified user, which needs one';
  const system = [entry.owner, entry.systemId, entry.systemKind];
  if (
    kind === 'system_user'
      ? system.includes(undefined) || !entry.id
      : system.some((value) => value !== undefined)
  ) {
    return 'id, owner, systemId and systemKind are for a system user, which needs all of them';
  }
  return undefined;
}

/** Every party that the file names, by number or UUID. */
export async function partyNames(db: Db, records: Records): Promise<Map<string, string>> {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') {
      if (/^(\d{9}|\d{11})$/.test(value) || isUuid(value)) names.add(value.toLowerCase());
    } else if (Array.isArray(value)) value.forEach(collect);
    else if (value && typeof value === 'object') Object.values(value).forEach(collect);
  };
  const {
    party: _parties,
    template: _templates,
    source: _sources,
    role: _roles,
    area: _areas,
    package: _packages,
    ...rest
  } = records;
  Object.values(rest).forEach((list) =>
    list.forEach((entry) => collect({ ...entry, jwks: undefined, metadata: undefined })),
  );
  // Self-identified users have a name only; it may stand wherever a person may.
  for (const entry of [
    ...records.accessList,
    ...records.mandate,
    ...records.qualification,
    ...records.incapacity,
    ...records.roleHolder,
  ]) {
    for (const name of [entry.from, entry.to, entry.party, ...(entry.members ?? [])])
      if (name) names.add(name.toLowerCase());
  }
  const numbers = [...names].filter((name) => !isUuid(name));
  const found = new Map<string, string>();
  await inChunks(numbers, async (chunk) => {
    for (const [key, id] of await identifyParties(db, chunk)) found.set(key, id);
  });
  await inChunks([...names].filter(isUuid), async (chunk) => {
    for (const id of await existingPartyIds(db, chunk)) found.set(id, id);
  });
  return found;
}

/** Stores who signs for a company; a party or a role that is not known is a fault of the file. */
export async function putSigningRules({ act, refuse }: ImportStep, entries: Entry[]) {
  const signed = entries.filter(({ signing }) => signing !== undefined);
  if (!signed.length) return;
  const signers = signed.flatMap(({ signing }) => signersOf(signing as NamedSigner[][] | null));
  const known = await identifyParties(act.db, [
    ...signers,
    ...signed.map(({ number }) => number as string),
  ]);
  const codes = new Set((await listRoles(act.db)).map((role) => role.code));
  for (const entry of signed) {
    const alternatives = entry.signing as NamedSigner[][] | null;
    const stranger = signersOf(alternatives).find((number) => !known.has(number));
    if (stranger) refuse(entry, `party: the party ${stranger} is not known`);
    const named = (alternatives ?? []).flat().flatMap(({ roles }) => roles);
    const unheard = named.find((code) => !codes.has(code));
    if (unheard) refuse(entry, `party: the role ${unheard} is not known`);
    const rules = signingRules(
      alternatives,
      (number) => known.get(number),
      (code) => codes.has(code),
    );
    await putSigning(act.db, known.get(entry.number as string)!, rules);
  }
}

export async function putRoleHolders(
  { act, refuse, party }: ImportStep,
  entries: Entry[],
): Promise<void> {
  if (!entries.length) return;
  const codes = new Set((await listRoles(act.db)).map((role) => role.code));
  const seen = new Set<string>();
  const rows = entries
    .flatMap((entry) => {
      if (isGenericGuardian(entry.role)) refuse(entry, `roleHolder: ${NAME_THE_TASK}`);
      else if (!codes.has(entry.role))
        refuse(entry, `roleHolder: the role ${entry.role} is not known`);
      const row = {
        entry,
        from: party(entry.from, entry),
        to: party(entry.to, entry),
        role: entry.role,
        validFrom: entry.validFrom,
        validTo: entry.validTo,
        endedAt: entry.endedAt,
      };
      const key = `${row.from} ${row.to} ${row.role}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [row];
    })
    .filter((row) => row.from && row.to && codes.has(row.role));
  await inChunks(rows, async (chunk) => {
    const systems = await systemsAmong(
      act.db,
      chunk.map(({ to }) => to),
    );
    const wrong = chunk.find(({ to }) => systems.has(to));
    if (wrong) refuse(wrong.entry, 'roleHolder: a system user holds no role of a register');
    await importRegisterRoles(
      act,
      chunk.map(({ entry: _, ...row }) => row),
    );
  });
}
