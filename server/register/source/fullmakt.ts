// Fullmakttjenesten in its own shape (its public documentation): the combinations of persons who
// bind a company, each in an office and by number.
import type { NamedSigner } from '../../party/signing_model.ts';
import type { Fact } from '../model.ts';
import type { GetJson } from './fetch.ts';
import { SystemUnavailable } from '../../platform/http/machine.ts';

interface Signer {
  fodselsnummer?: unknown;
  organisasjonsnummer?: unknown;
  rolle?: { kode?: unknown };
}
interface Answer {
  status?: { rutineStatus?: { kode?: unknown }; kombinasjonStatus?: { kode?: unknown } };
  signeringsKombinasjon?: { kombinasjon?: { personRolleKombinasjon?: Signer[] }[] };
}

/** The register's code for a signature that it has as a text, or not at all. */
const NONE = 'IK';
/** Forms of organisation whose signature the register does not know. */
const NOT_OF_FORM = 'NA';

/**
 * The signing rules of a company now; none where the register says that it has no combination.
 * Throws `SystemUnavailable` where it says anything else: that is no rule that is missing.
 */
export async function signingFact(get: GetJson, number: string): Promise<Fact> {
  const { status, body } = await get(`/enheter/${number}/signatur`);
  // One that is not there has nobody who signs.
  const alternatives = status === 200 ? alternativesOf(body as Answer) : [];
  return { kind: 'signing', party: number, alternatives };
}

function alternativesOf({ status, signeringsKombinasjon }: Answer): NamedSigner[][] | null {
  const [routine, combination] = [status?.rutineStatus?.kode, status?.kombinasjonStatus?.kode];
  if (routine === NOT_OF_FORM || (routine === 'OK' && combination === NONE)) return null;
  if (routine !== 'OK' || combination !== 'OK')
    throw new SystemUnavailable('who signs is not answered');
  const combinations = signeringsKombinasjon?.kombinasjon ?? [];
  return combinations.flatMap(({ personRolleKombinasjon: signers = [] }) => {
    const places = signers.flatMap((one) => signerOf(one) ?? []);
    // A combination of which somebody cannot be read would bind by fewer than it takes.
    return places.length === signers.length ? [merged(places)] : [];
  });
}

type Named = Required<Pick<NamedSigner, 'roles' | 'holder'>>;
function signerOf({ fodselsnummer, organisasjonsnummer, rolle }: Signer): Named | undefined {
  const holder = fodselsnummer ?? organisasjonsnummer;
  return typeof holder === 'string' && typeof rolle?.kode === 'string'
    ? { roles: [rolle.kode.toLowerCase()], holder }
    : undefined;
}

/** Somebody in two offices is one person. */
const merged = (places: Named[]): Named[] =>
  [...new Set(places.map(({ holder }) => holder))].map((holder) => ({
    holder,
    roles: places.flatMap((one) => (one.holder === holder ? one.roles : [])),
  }));
