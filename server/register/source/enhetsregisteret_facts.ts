// Turns Enhetsregisteret's documents of a unit and its roles into facts. An entry that cannot be
// read opens nothing, and keeps nothing else from ending.
import type { GetJson } from './fetch.ts';
import { SystemUnavailable } from '../../platform/http/machine.ts';
import { isTime, type Fact, type RoleHolder, type PartyFact } from '../model.ts';

export interface Update {
  oppdateringsid: number;
  organisasjonsnummer: string;
  endringstype: string;
  dato: string;
}
interface Unit {
  organisasjonsnummer: string;
  navn: string;
  organisasjonsform?: { kode: string };
  slettedato?: string | null;
  overordnetEnhet?: string | null;
  konkurs?: unknown;
  konkursdato?: unknown;
}
interface Person {
  fodselsnummer?: string;
  navn?: { fornavn?: string; mellomnavn?: string | null; etternavn?: string };
  erDoed?: boolean;
}
interface Holding {
  organisasjonsnummer: string;
  navn?: string[];
  erSlettet?: boolean;
}
interface RoleEntry {
  type: { kode: string };
  person?: Person;
  enhet?: Holding;
  fratraadt?: boolean;
  avregistrert?: boolean;
}

/** The mark is a yes or a no; anything else says nothing, and a day that is none is not known. */
const estateOf = ({ konkurs, konkursdato: day }: Unit): Pick<PartyFact['party'], 'estate'> =>
  konkurs === true
    ? {
        estate: {
          on: typeof day === 'string' && isTime(day) ? day.slice(0, 10) : null,
          court: null,
        },
      }
    : konkurs === false
      ? { estate: null }
      : {};

/** A unit as it is now; one that is removed (410) or deleted has ended. */
export async function unitFact(
  get: GetJson,
  number: string,
  isSubunit: boolean,
  update: Update | undefined,
): Promise<Fact | undefined> {
  const { status, body } = await get(`/${isSubunit ? 'underenheter' : 'enheter'}/${number}`);
  const kind = isSubunit ? ('subunit' as const) : ('organization' as const);
  if (status !== 200) {
    return status === 410 ||
      update?.endringstype === 'Fjernet' ||
      update?.endringstype === 'Sletting'
      ? {
          kind: 'party',
          party: {
            kind,
            number,
            name: '?',
            endedAt: update?.dato ?? new Date(0).toISOString(),
            ...(isSubunit ? { parent: '?' } : {}),
          },
        }
      : undefined;
  }
  const unit = body as Unit;
  const ended = unit.slettedato
    ? `${unit.slettedato.slice(0, 10)}T00:00:00Z`
    : update?.endringstype === 'Sletting'
      ? update.dato
      : null;
  return {
    kind: 'party',
    party: {
      kind,
      number,
      name: unit.navn,
      unitType: unit.organisasjonsform?.kode ?? null,
      parent: isSubunit ? (unit.overordnetEnhet ?? null) : null,
      endedAt: ended,
      ...(isSubunit ? {} : estateOf(unit)),
    },
  };
}

/**
 * Every role of a unit. `fratraadt` gives way to `avregistrert`; both end it, and so does death or
 * deletion of the holder. National numbers are behind a machine token; without one, only roles that
 * units hold can be read. A unit that is gone has none.
 */
export async function rolesFact(get: GetJson, number: string, mayNumbers: boolean): Promise<Fact> {
  const { status, body } = await get(
    mayNumbers ? `/autorisert-api/enheter/${number}/roller` : `/enheter/${number}/roller`,
  );
  if (status === 404 && (await get(`/enheter/${number}`)).status === 200)
    throw new SystemUnavailable('no roles for a unit that there is');
  const groups = (body?.rollegrupper ?? []) as { roller: RoleEntry[] }[];
  const holders = groups
    .flatMap((group) => group?.roller ?? [])
    .flatMap((entry): RoleHolder[] => {
      // An entry that has no type opens nothing, and keeps nothing from ending.
      if (
        !entry?.type?.kode ||
        entry.fratraadt ||
        entry.avregistrert ||
        entry.person?.erDoed ||
        entry.enhet?.erSlettet
      )
        return [];
      const to = entry.person?.fodselsnummer ?? entry.enhet?.organisasjonsnummer;
      return to ? [{ role: entry.type.kode.toLowerCase(), to, ...nameOf(entry) }] : [];
    });
  return {
    kind: 'roles',
    from: number,
    holders,
    ...(mayNumbers ? {} : { only: 'organization' as const }),
  };
}

function nameOf({ person, enhet }: RoleEntry): { name?: string } {
  const { fornavn, mellomnavn, etternavn } = person?.navn ?? {};
  const name = person
    ? [fornavn, mellomnavn, etternavn].filter(Boolean).join(' ')
    : (enhet?.navn ?? []).filter(Boolean).join(' ');
  return name ? { name } : {};
}
