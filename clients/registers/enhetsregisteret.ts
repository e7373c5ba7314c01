// The stand-in for Enhetsregisteret: units, sub-units and roles, and their three feeds of updates,
// in the register's own shape.
import type { Answer, World } from './shapes.ts';

interface Unit {
  number: string;
  name: string;
  form: string;
  parent: string | null;
  deleted: string | null;
  gone: boolean;
  /** The day of the opening, of a bankrupt one. */
  bankrupt?: string | null;
  rolesMissing?: boolean;
}
/** A combination of persons who bind a unit, each in an office. */
export type Combination = { role: string; to: string }[];

interface Role {
  role: string;
  to: string;
  name?: string;
  left?: boolean;
  struck?: boolean;
  dead?: boolean;
}

const FORM: Record<string, string> = { organization: 'AS', subunit: 'BEDR' };

export class Enhetsregisteret {
  readonly units = new Map<string, Unit>();
  readonly roles = new Map<string, Role[]>();
  readonly signing = new Map<string, Combination[]>();
  /** Fullmakttjenesten answers nothing while true. */
  signingAway = false;
  /** Other answers of it about a unit; null for none. */
  signingStatus: Record<string, object | null> = {};
  readonly updates: {
    oppdateringsid: number;
    dato: string;
    organisasjonsnummer: string;
    endringstype: string;
    isUnit: boolean;
  }[] = [];
  readonly roleUpdates: {
    id: string;
    time: string;
    type: string;
    data: { organisasjonsnummer: string };
  }[] = [];

  constructor(parties: World['parties'], holders: World['roleHolders']) {
    for (const party of parties) {
      if (!party.number) continue;
      this.units.set(party.number, {
        number: party.number,
        name: party.name,
        form: party.unitType ?? FORM[party.kind] ?? 'AS',
        parent: party.parent ?? null,
        deleted: null,
        gone: false,
        bankrupt: party.estate?.on ?? null,
      });
    }
    for (const { role, from, to } of holders)
      if (this.units.has(from))
        this.roles.set(from, [...(this.roles.get(from) ?? []), { role, to }]);
  }

  /**
   * `{unit: {number, name?, form?, parent?, deleted?, gone?, bankrupt?}}`,
   * `{roles: {number, holders}}` or `{signing: {number, combinations}}`.
   */
  change({
    unit,
    roles,
    signing,
  }: {
    unit?: Partial<Unit> & { number: string };
    roles?: { number: string; holders: Role[] };
    signing?: { number: string; combinations: Combination[] | null };
  }): void {
    if (signing?.combinations) this.signing.set(signing.number, signing.combinations);
    else if (signing) this.signing.delete(signing.number);
    const dato = new Date().toISOString();
    if (unit) {
      const known = this.units.get(unit.number);
      const next = {
        name: '?',
        form: 'AS',
        parent: null,
        deleted: null,
        gone: false,
        ...known,
        ...unit,
      };
      this.units.set(unit.number, next);
      const endringstype = next.gone
        ? 'Fjernet'
        : next.deleted
          ? 'Sletting'
          : known
            ? 'Endring'
            : 'Ny';
      this.updates.push({
        oppdateringsid: this.updates.length + 1,
        dato,
        organisasjonsnummer: unit.number,
        endringstype,
        isUnit: next.parent !== null,
      });
    }
    if (roles) {
      this.roles.set(roles.number, roles.holders);
    }
    const changed = roles?.number ?? signing?.number;
    if (changed !== undefined) {
      const id = String(this.roleUpdates.length + 1);
      this.roleUpdates.push({
        id,
        time: dato,
        type: 'no.brreg.enhetsregisteret.roller.oppdatert',
        data: { organisasjonsnummer: changed },
      });
    }
  }

  get(path: string, query: URLSearchParams, mayNumbers: boolean): Answer {
    const feed = /^\/oppdateringer\/(enheter|underenheter|roller)$/.exec(path)?.[1];
    if (feed === 'roller')
      return {
        body: this.roleUpdates
          .filter((event) => Number(event.id) > Number(query.get('afterId') ?? 0))
          .slice(0, Number(query.get('size') ?? 100)),
      };
    if (feed) return this.#feed(feed, query);
    const [, open, kind, number = '', roles] =
      /^\/(autorisert-api\/)?(enheter|underenheter)\/(\d{9})(\/roller)?$/.exec(path) ?? [];
    if (!kind) return path === '/' ? { body: { _links: {} } } : { status: 404 };
    if (roles && this.units.get(number)?.rolesMissing) return { status: 404 };
    if (roles && (this.roles.has(number) || this.units.has(number)))
      return open && !mayNumbers
        ? { status: 401 }
        : { body: rolesBody(this.roles.get(number) ?? [], open !== undefined) };
    const unit = this.units.get(number);
    if (!unit || (unit.parent !== null) !== (kind === 'underenheter')) return { status: 404 };
    if (unit.gone) return { status: 410 };
    return { body: unitBody(unit) };
  }

  /** As Fullmakttjenesten answers about a unit's signature. */
  getSigning(path: string): Answer {
    const number = /^\/enheter\/(\d{9})\/signatur$/.exec(path)?.[1] ?? '';
    if (this.signingAway) return { status: 503 };
    if (!this.units.has(number)) return { status: 404 };
    if (number in this.signingStatus) {
      const status = this.signingStatus[number];
      return status ? { body: { status } } : { status: 404 };
    }
    const combinations = this.signing.get(number);
    return { body: signingBody(number, combinations) };
  }

  #feed(kind: string, query: URLSearchParams): Answer {
    const list = this.updates.filter(
      (update) =>
        update.isUnit === (kind === 'underenheter') &&
        update.oppdateringsid >= Number(query.get('oppdateringsid') ?? 0),
    );
    if (query.get('sort')?.endsWith('DESC')) list.reverse();
    const shown = list
      .slice(0, Number(query.get('size') ?? 20))
      .map(({ isUnit: _isUnit, ...update }) => update);
    return {
      body: {
        ...(shown.length
          ? {
              _embedded: {
                [kind === 'enheter' ? 'oppdaterteEnheter' : 'oppdaterteUnderenheter']: shown,
              },
            }
          : {}),
        page: { totalElements: list.length },
      },
    };
  }
}

const unitBody = (unit: Unit) => ({
  organisasjonsnummer: unit.number,
  navn: unit.name,
  organisasjonsform: { kode: unit.form, beskrivelse: unit.form },
  konkurs: Boolean(unit.bankrupt),
  ...(unit.bankrupt ? { konkursdato: unit.bankrupt } : {}),
  ...(unit.deleted ? { slettedato: unit.deleted } : {}),
  ...(unit.parent ? { overordnetEnhet: unit.parent } : {}),
});

function rolesBody(roles: Role[], numbers: boolean): unknown {
  const groups = new Map<string, Role[]>();
  for (const role of roles) groups.set(role.role, [...(groups.get(role.role) ?? []), role]);
  return {
    rollegrupper: [...groups].map(([code, list]) => ({
      type: { kode: code.toUpperCase() },
      sistEndret: '2026-01-01',
      roller: list.map((role, index) => ({
        type: { kode: role.role.toUpperCase() },
        fratraadt: role.left ?? false,
        avregistrert: role.struck ?? false,
        rekkefolge: index,
        ...(role.to.length === 9
          ? {
              enhet: {
                organisasjonsnummer: role.to,
                navn: role.name ? [role.name] : [],
                erSlettet: false,
              },
            }
          : {
              person: {
                fodselsdato: '1980-01-01',
                ...named(role.name),
                erDoed: role.dead ?? false,
                ...(numbers ? { fodselsnummer: role.to } : {}),
              },
            }),
      })),
    })),
  };
}

function signingBody(number: string, combinations: Combination[] | undefined): unknown {
  const [found, rule] = combinations ? ['OK', 'RF'] : ['IK', 'RI'];
  return {
    status: {
      rutineStatus: { kode: 'OK' },
      kombinasjonStatus: { kode: found },
      regelStatus: { kode: rule },
    },
    enhet: { organisasjonsnummer: number },
    ...(combinations
      ? {
          signeringsKombinasjon: {
            kombinasjon: combinations.map((signers, index) => ({
              kode: 'R0012',
              kombinasjonsId: String(index + 1),
              personRolleKombinasjon: signers.map(({ role, to }) => ({
                ...(to.length === 9 ? { organisasjonsnummer: to } : { fodselsnummer: to }),
                rolle: { kode: role.toUpperCase() },
              })),
            })),
          },
        }
      : {}),
  };
}

function named(name: string | undefined): object {
  if (!name) return {};
  const [fornavn, ...rest] = name.split(' ');
  return { navn: { fornavn, etternavn: rest.join(' ') } };
}
