// The law of status lists, over histories: fifteen seconds after the answer to each act, the bit of
// every token that lives is as introspection says of it, but for a token that was revoked alone.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CONSENT,
  consentDetail,
  exchange,
  newClient,
  payloadOf,
  post,
  clientAuth,
  WEB,
  type TestClient,
} from '../support/oauth/clients.ts';
import { answered, detail, flow, redeemCode } from '../support/oauth/code_flow.ts';
import { loggedInAt } from '../support/oauth/relying_party.ts';
import { bitsOf, placeIn, SUSPENDED, VALID } from '../support/oauth/status.ts';
import { Browser } from '../support/pages/browser.ts';
import { introspect, refresh } from '../support/pages/choosing.ts';
import { answerYes, asked, narrow } from '../support/parts.ts';
import { newConsentResource } from '../support/rights/rights.ts';
import { askTwo } from '../support/together.ts';
import {
  actOn,
  ask,
  at,
  call,
  importThis,
  newOrganization,
  newPerson,
  personToken,
  putParty,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';
import { FEW, inWorlds, LONGEST, type Chance } from './worlds.ts';

const STEPS = 25;
const SECOND = 1_000;
const TASK = 'verge:skatteetaten-skatt';
const APPS = '/access/v1/apps';

interface Given {
  id: string;
  by: TestParty;
}
/** A token that was drawn: who asks about it, and whether it was revoked alone. */
interface Token {
  value: string;
  asking: TestClient;
  isRevoked: boolean;
}

/** One history, with those that it is about. */
class History {
  readonly chance: Chance;
  readonly to: TestParty;
  readonly machine: TestClient;
  readonly web: TestClient;
  readonly consents: Given[] = [];
  /** What the persons' logins gave: refresh tokens that are out. */
  readonly logins: { person: TestParty; refresh: string | undefined }[] = [];
  readonly tokens: Token[] = [];
  mayAsk = true;
  offset = 0;

  constructor(parts: Pick<History, 'chance' | 'to' | 'machine' | 'web'>) {
    this.chance = parts.chance;
    this.to = parts.to;
    this.machine = parts.machine;
    this.web = parts.web;
  }

  private readonly now = () => new Date(Date.now() + this.offset);
  private readonly consent = async (work: (given: Given) => Promise<unknown>) =>
    work(this.chance.pick(this.consents));
  private keep(asking: TestClient, value: unknown): void {
    if (typeof value === 'string') this.tokens.push({ value, asking, isRevoked: false });
  }

  /** A consent by the code flow, whose tokens have the place of their grant. */
  async giveAtClient(person: TestParty, details: object): Promise<void> {
    const request = flow(this.web, [detail(details)]);
    const { searchParams } = await answered(this.web, person, request);
    const code = searchParams.get('code')!;
    const { status, text, body } = await redeemCode(this.web, code, request.verifier);
    assert.equal(status, 200, text);
    const { id } = payloadOf(body.access_token).authorization_details[0];
    this.consents.push({ id, by: person });
    this.logins.push({ person, refresh: body.refresh_token });
    this.keep(this.web, body.access_token);
  }
  /** A login that gives no consent. */
  async logIn(person: TestParty): Promise<void> {
    const { access_token: token } = await loggedInAt(this.web, new Browser(), person);
    this.logins.push({ person, refresh: undefined });
    this.keep(this.web, token);
  }

  draw = () =>
    this.consent(async ({ id, by }) => {
      const iat = Math.floor(+this.now() / SECOND);
      const claims = { ...consentDetail(id, by), iat, exp: iat + 60 };
      this.keep(this.machine, (await exchange(this.machine, claims)).body.access_token);
    });
  refresh = async () => {
    const login = this.chance.pick(this.logins);
    if (login.refresh === undefined) return;
    const { body } = await refresh(this.web, login.refresh);
    login.refresh = body.refresh_token;
    this.keep(this.web, body.access_token);
  };
  suspend = () => this.consent(({ id, by }) => actOn(id, by, 'suspend'));
  resume = () => this.consent(({ id, by }) => actOn(id, by, 'resume'));
  narrow = () => this.consent(({ id, by }) => narrow(id, { without: [1] }, by));
  withdraw = () => this.consent(({ id, by }) => withdraw(id, by));
  revoke = async () => {
    const token = this.chance.pick(this.tokens);
    await post('/revoke', { ...(await clientAuth(token.asking)), token: token.value });
    token.isRevoked = true;
  };
  private readonly court = (times: object) =>
    this.consent(({ by }) =>
      importThis({ incapacities: [{ party: by.number, role: TASK, ...times }] }),
    );
  takesCapacity = () => this.court({});
  givesBack = () => this.court({ endedAt: this.now().toISOString() });
  dies = () => this.consent(({ by }) => putParty(by, { endedAt: this.now().toISOString() }));
  stopsApp = async () => {
    const { person } = this.chance.pick(this.logins);
    const token = await personToken(person);
    const { body } = await call('GET', APPS, token);
    for (const { id } of body.data ?? []) await call('DELETE', `${APPS}/${id}`, token);
  };
  /** The operator takes the type from the client of the logins, or gives it back. */
  changesClient = async () => {
    this.mayAsk = !this.mayAsk;
    const { rows } = await world.database.db.raw(
      'select metadata from oauth_client where client_id = ?',
      [this.web.id],
    );
    const types = { authorization_details_types: this.mayAsk ? [CONSENT] : [] };
    const known = { client_id: this.web.id, 'x-org': this.to.number };
    await importThis({ clients: [{ ...rows[0].metadata, ...known, ...types }] });
    // A node remembers a client for a second of its own time.
    await pause(1_100);
  };

  /** Compares each token that lives with its place; answers with the bits that were seen. */
  async compare(act: string): Promise<number[]> {
    const living = this.tokens.filter(
      ({ value, isRevoked }) => !isRevoked && payloadOf(value).exp * SECOND > +this.now(),
    );
    const bits = await bitsOf(living.map(({ value }) => placeIn(value)));
    for (const [n, { value, asking }] of living.entries()) {
      const { active } = await introspect(asking, value);
      const { authorization_details: details } = payloadOf(value);
      assert.equal(
        bits[n] === VALID,
        active,
        `${bits[n]} after ${act}: ${JSON.stringify(details)}`,
      );
    }
    return bits;
  }
}

describe('a status list', function suite() {
  this.timeout(LONGEST);
  let resources: string[];
  before(async () => {
    const { rows } = await world.database.db.raw(
      "select id from consent_template where (content ->> 'isPoa')::boolean limit 1",
    );
    const ofPoa = { consentTemplate: rows[0].id };
    const subjects = ['privatperson', TASK];
    resources = [
      await newConsentResource(subjects, ofPoa),
      await newConsentResource(subjects, ofPoa),
    ];
  });

  it('says of each token what introspection says, fifteen seconds after each act', async () => {
    const seen = new Set<number>();
    await inWorlds(async (chance) => {
      const to = await newOrganization();
      const [machine, web] = [await newClient(to), await newClient(to, WEB)];
      const history = new History({ chance, to, machine, web });
      const rights = { consentRights: [asked(resources[0]!), asked(resources[1]!, true)] };
      const by = await newPerson();
      const id = await ask(by, to, rights);
      assert.equal((await answerYes(id, by, { optionalRights: [1] })).status, 200);
      history.consents.push({ id, by });
      const { one, other, first, second } = await askTwo(to, {});
      for (const each of [
        { id: first, by: one },
        { id: second, by: other },
      ]) {
        assert.equal((await answerYes(each.id, each.by)).status, 200);
        history.consents.push(each);
      }
      await history.giveAtClient(await newPerson(), { consentRights: rights.consentRights });
      await history.logIn(await newPerson());
      for (let step = 0; step < STEPS; step += 1) {
        const act = chance.pick([
          ...(['draw', 'draw', 'draw', 'draw', 'refresh', 'refresh', 'refresh'] as const),
          ...(['suspend', 'suspend', 'resume', 'resume', 'resume', 'narrow'] as const),
          ...(['takesCapacity', 'givesBack', 'changesClient', 'revoke'] as const),
          ...(step > 10 ? (['withdraw', 'dies', 'stopsApp'] as const) : []),
        ]);
        await at(history.offset, history[act]);
        // What an act of a register lets fall is stored within five seconds.
        await at(history.offset + 5 * SECOND, async () => world.work.run('consent.fall'));
        history.offset += 15 * SECOND;
        await at(history.offset, async () => {
          for (const bit of await history.compare(act)) seen.add(bit);
        });
      }
    }, FEW);
    assert.ok(seen.has(VALID) && seen.has(SUSPENDED), [...seen].join());
  });
});
