// The refusal to somebody who has something of a company's, and not what a page takes: who can give
// it, by role and never by name, and where to ask. A stranger hears nothing of the company.
import { tieOf } from '../access_request/tie.ts';
import type { Session } from '../caller/session.ts';
import { displayName } from '../consent/text.ts';
import type { Deciding } from '../decision/act.ts';
import { fits } from '../decision/rules/wanted_model.ts';
import { administrators } from '../delegation/authority.ts';
import { withheldWords, type Withheld } from '../delegation/give/age_model.ts';
import { packageFault } from '../delegation/model.ts';
import { findRolesHeld } from '../mandate/people_store.ts';
import { isOrganization } from '../party/model.ts';
import { findParties, type PartyRow } from '../party/store.ts';
import type { FaultExtras } from '../platform/errors.ts';
import { formatAny, inEach, pick, t, type Translated } from '../platform/locale.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import type { Package } from '../resource/catalogue/model.ts';

/** Whether the person has something of a party's already, by which they may ask it for more. */
const isTied = (act: Deciding, { party: id, kind }: Session, party: { id: string; kind: string }) =>
  tieOf(act, party, { id, kind });

type Company = Pick<PartyRow, 'id' | 'parent' | 'unitType' | 'kind'>;

/** Packages by which one administers a company. */
async function administering(
  act: Deciding,
  session: Session,
  { id, kind }: Pick<Company, 'id' | 'kind'>,
): Promise<string[]> {
  const catalogue = await currentCatalogue(act);
  return (await administrators(act, session, id, 'access'))
    .filter((one) => fits(kind, one, catalogue))
    .flatMap((one) => (one.kind === 'package' ? [one.value] : []));
}

/** Names of key roles that carry one of the packages: of those that the company has, if any. */
async function rolesCarrying(
  act: Deciding,
  packages: string[],
  { id, parent, unitType }: Company,
): Promise<Translated[]> {
  const catalogue = await currentCatalogue(act);
  const carries = (role: string) =>
    catalogue.accessOf(role, unitType).some((one) => packages.includes(one));
  const able = [...catalogue.roles.values()].filter(
    ({ code: role, keyRole }) => keyRole && !catalogue.isSecret(role) && carries(role),
  );
  const held = await findRolesHeld(act, [id, parent ?? id]);
  // Where the registers name nobody, the roles that would.
  const there = able.filter(({ code: role }) => held.includes(role));
  return (there.length ? there : able).map(({ name }) => name);
}

/** Names of the key roles that decide who acts for a company. */
export const rolesThatDecide = async (
  act: Deciding,
  session: Session,
  company: Company,
): Promise<Translated[]> => rolesCarrying(act, await administering(act, session, company), company);

/** The words of the refusal and the way to ask, where the person has a tie to the company. */
export async function noAccess(
  act: Deciding,
  session: Session,
  party: { id: string; kind: string; name: string },
): Promise<FaultExtras | undefined> {
  if (!isOrganization(party)) return undefined;
  if (!(await isTied(act, session, party))) return undefined;
  const catalogue = await currentCatalogue(act);
  const packages = await administering(act, session, party);
  const code = packages.find((one) => {
    const entry = catalogue.packages.get(one);
    return entry && !packageFault(catalogue, entry, party.kind, 'person');
  });
  const [found] = await findParties(act, [party.id]);
  const roles = found ? await rolesCarrying(act, packages, found) : [];
  const name = displayName(party);
  return {
    members: {
      reason_user: inEach((language) =>
        t(language, 'error.no_access.party', {
          party: name,
          roles: formatAny(
            language,
            roles.map((role) => pick(role, language)!.text),
          ),
        }),
      ),
      ...(code && found?.organizationNo
        ? {
            ask: {
              party: name,
              href: `/ask/terms?${new URLSearchParams({ from: party.id, package: code })}`,
            },
          }
        : {}),
    },
  };
}

/**
 * Why a package may not be given by one who sees to the party: an age or a court's decision, that
 * nobody like the party can give it, or who else can.
 */
export async function whyNotToGive(
  act: Deciding,
  { session, party }: { session: Session; party: { id: string; kind: string; name: string } },
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
