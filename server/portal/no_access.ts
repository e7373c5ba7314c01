// The refusal to somebody who has something of a party's, and not what a page takes: who can give
// it, by role and never by name, and where to ask. A stranger hears nothing of the party.
import { isTiedTo } from '../access_request/tie.ts';
import type { Session } from '../caller/session.ts';
import { closedTo } from '../consent/own/closed.ts';
import { displayName } from '../consent/text.ts';
import type { Deciding } from '../decision/act.ts';
import { representedBy } from '../decision/commands.ts';
import { fits } from '../decision/rules/wanted_model.ts';
import { ADMINISTRATION, administrators, type Administration } from '../delegation/authority.ts';
import { withheldWords, type Withheld } from '../delegation/give/age_model.ts';
import { packageFault } from '../delegation/model.ts';
import { findClosed } from '../mandate/estate_store.ts';
import { findRolesHeld } from '../mandate/people_store.ts';
import { isOrganization } from '../party/model.ts';
import { findParties, type PartyRow } from '../party/store.ts';
import { Fault, fault, type FaultExtras } from '../platform/errors.ts';
import { formatAny, inEach, pick, t, type Language, type Translated } from '../platform/locale.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import type { Catalogue, Package } from '../resource/catalogue/model.ts';
import { listOpening } from '../resource/registry/store.ts';

/** Whether the person has something of a party's already, by which they may ask it for more. */
const isTied = (act: Deciding, { party: id, kind }: Session, party: Pick<Named, 'id' | 'kind'>) =>
  isTiedTo(act, party, { id, kind });

/** A party as far as a refusal names it. */
type Named = { id: string; kind: string; name: string };

type Company = Pick<PartyRow, 'id' | 'parent' | 'unitType' | 'kind'>;

/** An administration of a party, or one of its packages, that somebody lacks. */
type Lacking = Administration | { package: string };

const inLanguage = (names: Translated[], language: Language): string[] =>
  names.map((name) => pick(name, language)!.text);

/** Packages by which one administers a company. */
async function administering(
  act: Deciding,
  session: Session,
  { id, kind }: Pick<Company, 'id' | 'kind'>,
  what: Administration,
): Promise<string[]> {
  const catalogue = await currentCatalogue(act);
  return (await administrators(act, session, id, what))
    .filter((one) => fits(kind, one, catalogue))
    .flatMap((one) => (one.kind === 'package' ? [one.value] : []));
}

/** Packages by which one has what is lacking at such a party, the one that opens least first. */
async function packagesFor(
  act: Deciding,
  session: Session,
  company: Pick<Company, 'id' | 'kind'>,
  lacking: Lacking,
): Promise<string[]> {
  if (typeof lacking !== 'string') return [lacking.package];
  const able = await administering(act, session, company, lacking);
  const bySize = await listOpening(act.db, ADMINISTRATION[lacking]);
  return bySize.filter((code) => able.includes(code));
}

/** Key roles that may be named to anybody. */
const openKeyRoles = (catalogue: Catalogue) =>
  [...catalogue.roles.values()].filter(({ code, keyRole }) => keyRole && !catalogue.isSecret(code));

/** The same that carry one of the packages in a company of this type. */
const keyRolesCarrying = (catalogue: Catalogue, packages: string[], unitType: string | null) =>
  openKeyRoles(catalogue).filter(({ code }) =>
    catalogue.accessOf(code, unitType).some((one) => packages.includes(one)),
  );

/** The roles, of these, that somebody holds in the company, as the registers have it. */
async function heldAmong<Role extends { code: string }>(
  act: Deciding,
  roles: Role[],
  { id, parent }: Pick<Company, 'id' | 'parent'>,
): Promise<Role[]> {
  const held = await findRolesHeld(act, [id, parent ?? id]);
  return roles.filter(({ code }) => held.includes(code));
}

/** Names of key roles that carry one of the packages: of those that the company has, if any. */
async function rolesCarrying(
  act: Deciding,
  packages: string[],
  company: Company,
): Promise<Translated[]> {
  const able = keyRolesCarrying(await currentCatalogue(act), packages, company.unitType);
  const there = await heldAmong(act, able, company);
  // Where the registers name nobody, the roles that would.
  return (there.length ? there : able).map(({ name }) => name);
}

/** Names of the key roles that decide who acts for a company. */
export const rolesThatDecide = async (
  act: Deciding,
  session: Session,
  company: Company,
): Promise<Translated[]> =>
  rolesCarrying(act, await administering(act, session, company, 'access'), company);

/**
 * The words of the refusal and the way to ask, where the person has a tie to the party: for the
 * package that opens least of those that give what is lacking; of a person, for anything. Whoever
 * answers for a person is led to that one's consents.
 */
export async function noAccess(
  act: Deciding,
  session: Session,
  party: Named,
  lacking: Lacking = 'access',
): Promise<FaultExtras | undefined> {
  if (!(await isTied(act, session, party))) return undefined;
  const name = displayName(party);
  const asking = (path: string, more: Record<string, string> = {}) => ({
    ask: { party: name, href: `${path}?${new URLSearchParams({ from: party.id, ...more })}` },
  });
  if (!isOrganization(party)) {
    const answered = await representedBy(act, session.party);
    const mayAnswer = answered.some(({ id }) => id === party.id);
    const reason_user = inEach((language) =>
      t(language, `error.no_access.${mayAnswer ? 'answers' : 'person'}`, { party: name }),
    );
    // A child or a ward of theirs is not asked: they see to its consents.
    const see = { see: { party: name, href: `/consents?party=${party.id}` } };
    return { members: { reason_user, ...(mayAnswer ? see : asking('/ask')) } };
  }
  const catalogue = await currentCatalogue(act);
  const packages = await packagesFor(act, session, party, lacking);
  const [found] = await findParties(act, [party.id]);
  const code = packages.find((one) => {
    const entry = catalogue.packages.get(one);
    return (
      entry &&
      !packageFault(catalogue, entry, party.kind, 'person') &&
      keyRolesCarrying(catalogue, [one], found?.unitType ?? null).length > 0
    );
  });
  const roles = found ? await rolesCarrying(act, packages, found) : [];
  const reason_user = inEach((language) =>
    t(language, 'error.no_access.party', {
      party: name,
      roles: formatAny(language, inLanguage(roles, language)),
    }),
  );
  const way = code && found?.organizationNo ? asking('/ask/terms', { package: code }) : {};
  return { members: { reason_user, ...way } };
}

/**
 * A refusal with the way on: who decides since a bankruptcy, else whom to ask. Any other error is
 * answered as it is.
 */
export async function leadingOn(
  error: unknown,
  act: Deciding,
  session: Session,
  party: Named,
  lacking: Lacking,
): Promise<unknown> {
  if (!(error instanceof Fault) || error.code !== 'TIL-00008') return error;
  const closed = await findClosed(act, { party: party.id, person: session.party });
  const way = closed
    ? { members: closedTo(party, closed) }
    : await noAccess(act, session, party, lacking);
  return fault('TIL-00008', { because: error.because, ...way });
}

/** The refusal, to one who sees to a party, of what that person receives: it is nobody else's. */
export const notTheirs = (party: Parameters<typeof displayName>[0]): Fault =>
  fault('TIL-00008', {
    because: 'not the receiver',
    members: {
      reason_user: inEach((language) =>
        t(language, 'error.no_access.own', { party: displayName(party) }),
      ),
    },
  });

/** The refusal of a party's consents, which its roles show: which, where there is a tie to it. */
export async function notByRole(
  act: Deciding,
  session: Session,
  party: Named,
): Promise<FaultExtras | undefined> {
  if (!isOrganization(party)) return noAccess(act, session, party);
  if (!(await isTied(act, session, party))) return undefined;
  const [found] = await findParties(act, [party.id]);
  const able = openKeyRoles(await currentCatalogue(act));
  const names = found ? (await heldAmong(act, able, found)).map(({ name }) => name) : [];
  if (!names.length) return undefined;
  const reason_user = inEach((language) =>
    t(language, 'error.no_access.by_role', {
      party: displayName(party),
      roles: formatAny(language, inLanguage(names, language)),
    }),
  );
  return { members: { reason_user } };
}

/**
 * Why a package may not be given by one who sees to the party: an age or a court's decision, that
 * nobody like the party can give it, or who else can.
 */
export async function whyNotToGive(
  act: Deciding,
  { session, party }: { session: Session; party: Named },
  entry: Package | undefined,
  withheld: Withheld | undefined,
): Promise<FaultExtras> {
  const because = 'not to give';
  if (!entry) return { because };
  if (withheld && withheld.why !== 'unsaid')
    return { because, members: { reason_user: withheldWords(withheld.why, withheld.age) } };
  const catalogue = await currentCatalogue(act);
  // A stranger hears no name.
  const isNever = packageFault(catalogue, entry, party.kind);
  if (isNever && (party.id === session.party || (await isTied(act, session, party)))) {
    const name = displayName(party);
    const reason_user = inEach((language) =>
      t(language, 'error.no_access.not_givable', {
        what: pick(entry.name, language)!.text,
        party: name,
      }),
    );
    return { because, members: { reason_user } };
  }
  return { because, ...(await noAccess(act, session, party)) };
}
