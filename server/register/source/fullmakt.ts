// Fullmakttjenesten in its own shape (its public documentation): the combinations of persons who
// bind a company, each in an office and by number.
import type { NamedSigner } from '../../party/signing_model.ts';
import type { Fact } from '../model.ts';
import type { GetJson } from './fetch.ts';

interface Signer {
  fodselsnummer?: unknown;
  organisasjonsnummer?: unknown;
  rolle?: { kode?: unknown };
}
interface Answer {
  status?: { rutineStatus?: { kode?: unknown }; kombinasjonStatus?: { kode?: unknown } };
  signeringsKombinasjon?: { kombinasjon?: { personRolleKombinasjon?: Signer[] }[] };
}

/** The signing rules of a company now; none where the register has a text at the most. */
export async function signingFact(get: GetJson, number: string): Promise<Fact> {
  const { body } = await get(`/enheter/${number}/signatur`);
  return { kind: 'signing', party: number, alternatives: alternativesOf((body ?? {}) as Answer) };
}

function alternativesOf({ status, signeringsKombinasjon }: Answer): NamedSigner[][] | null {
  if (status?.rutineStatus?.kode !== 'OK' || status.kombinasjonStatus?.kode !== 'OK') return null;
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
