// What a page says of a power of attorney is what the decision point says, in a thousand worlds of
// the living and the dead, the suspended, the early and the late, and of what a court has decided.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn } from '../support/pages/browser.ts';
import { personNumber } from '../support/numbers.ts';
import { randomly } from '../support/random.ts';
import { can, newResource, pdpToken, question } from '../support/rights/rights.ts';
import { call, importThis, inDays, world } from '../support/world.ts';

const GIVERS = 50;
/** As many as a page shows. */
const HOLDERS = 20;
const PACKAGE = 'innbygger-pensjon';
const SEED = Number(process.env.SEED_OF_WORLDS ?? Math.floor(Math.random() * 1e9));

describe(`powers of attorney in ${GIVERS * HOLDERS} worlds (seed ${SEED})`, () => {
  const { next, pick } = randomly(SEED);
  const odd = (chance: number) => next() < chance;

  const somebody = (name: string, endedAt?: string) => ({
    id: randomUUID(),
    kind: 'person',
    number: personNumber(),
    name,
    bornOn: '1980-01-01',
    ...(endedAt ? { endedAt } : {}),
  });
  const times = () => {
    const isEarly = odd(0.15);
    return {
      validFrom: inDays(isEarly ? 3 : -30),
      ...(odd(0.4) ? { validTo: inDays(pick(isEarly ? [4, 40] : [-3, 4, 40])) } : {}),
      ...(odd(0.2) ? { suspendedAt: inDays(-1) } : {}),
    };
  };

  // What others would have to go through is not left to them as persons of a register.
  after(async () => {
    await world.database.db.raw(
      "update party set kind = 'self_identified', person_no = null, username = 'verden' || party_id where name like 'Verden %' or name like 'Giver %'",
    );
  });

  it('are said to be in force where the decision point permits, and nowhere else', async () => {
    const byPackage = await newResource([can('read', `package:${PACKAGE}`)]);
    const byRight = await newResource([can('read', 'privatperson')]);
    const givers = Array.from({ length: GIVERS }, (_, index) => ({
      ...somebody(`Giver ${index}`),
      incapable: odd(0.15),
    }));
    const worlds = givers.flatMap((giver, at) =>
      Array.from({ length: HOLDERS }, (_, index) => ({
        giver,
        holder: somebody(`Verden ${at}x${index}`, odd(0.15) ? inDays(pick([-5, 5])) : undefined),
        isPackage: odd(0.5),
        times: times(),
      })),
    );
    await importThis({
      parties: [
        ...givers.map(({ incapable: _incapable, ...giver }) => giver),
        ...worlds.map(({ holder }) => holder),
      ],
      mandates: worlds.map(({ giver, holder, isPackage, times: when }) => ({
        from: giver.number,
        to: holder.number,
        ...(isPackage ? { package: PACKAGE } : { resource: byRight, actions: ['read'] }),
        ...when,
      })),
    });
    await importThis({
      incapacities: givers
        .filter(({ incapable }) => incapable)
        .map(({ number }) => ({ party: number, validFrom: inDays(-60) })),
    });
    const { body } = await call('POST', '/access/v1/evaluations', await pdpToken(), {
      evaluations: worlds.map(({ giver, holder, isPackage }) =>
        question(holder, 'read', isPackage ? byPackage : byRight, giver),
      ),
    });
    const permits = (body.evaluations as { decision: boolean }[]).map(({ decision }) => decision);
    const shown = new Map<string, string>();
    for (const giver of givers) {
      const browser = await loggedIn(giver as never, '/overview');
      for (const show of ['given', 'ended']) {
        const { html } = await browser.open(`/overview?show=${show}`);
        for (const [, name, status] of html.matchAll(
          /<h2[^>]*>(Verden \d+x\d+)<\/h2>\s*<span[^>]*>([^<]*)<\/span>/g,
        ))
          shown.set(name!, status!);
      }
    }
    const different = worlds.flatMap(({ holder, giver, ...rest }, at) => {
      const isShown = shown.get(holder.name) === 'Gjelder';
      return isShown === permits[at]
        ? []
        : [{ permits: permits[at], status: shown.get(holder.name), holder, giver, ...rest }];
    });
    assert.deepEqual(different, []);
    assert.equal(shown.size, worlds.length);
    // Neither is rare, or nothing would be shown by this.
    const inForce = permits.filter(Boolean).length;
    assert.ok(inForce > 100 && inForce < worlds.length - 100, `${inForce} in force`);
  });
});
