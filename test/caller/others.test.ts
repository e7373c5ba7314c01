// Another's thing and one that is not there are one answer for who may not: nobody learns what
// there is by asking for it, but where a contract tells the two apart.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { DEMO_WORLD } from '../../server/platform/env/env.ts';
import { EXAMPLES, send, startExampled, type Exampled } from '../support/examples.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { suiteOnce } from '../support/random.ts';
import { organizationToken, personToken, read, type TestParty } from '../support/world.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const people = new Set(
  read('clients/world/1-people.json')
    .parties.filter(({ kind }: { kind: string }) => kind === 'person')
    .map(({ name }: { name: string }) => name),
);

/** Altinn's contract has a code for each of the two. */
const TOLD_APART = [
  'consent_read',
  'consent_end_for_asker',
  'portal_request',
  'portal_approve',
  'portal_consent',
  'portal_withdraw',
  'portal_reject',
];

suiteOnce('the thing of another', () => {
  let server: Exampled;
  const person = { id: randomUUID(), number: personNumber(), name: 'Fremmed Ukjent', urn: '' };
  const firm = { id: randomUUID(), number: organizationNumber(), name: 'Fremmed AS', urn: '' };
  before(async () => {
    const seed = join(mkdtempSync(join(tmpdir(), 'tillit-others-')), '9-others.json');
    const parties = [
      { kind: 'person', id: person.id, number: person.number, name: person.name },
      { kind: 'organization', id: firm.id, number: firm.number, name: firm.name },
    ];
    writeFileSync(seed, JSON.stringify({ tillit: 1, parties }));
    server = await startExampled({ SEED: `${DEMO_WORLD},${relative('.', seed)}` });
  });
  after(() => server.server.stop('SIGTERM'));

  it('is answered as one that is not there', async () => {
    const differing = new Map<string, string[]>();
    let tried = 0;
    for (const told of EXAMPLES) {
      const example = await server.fill(told);
      const { path = {}, as } = example;
      const operation = server.operations.get(example.id)!;
      const scope = operation.security
        .flatMap(({ token = [] }: { token?: string[] }) => token)
        .join(' ');
      const [name] = Object.entries(path).find(([, value]) => UUID.test(value)) ?? [];
      if (name && scope && as) {
        const token = people.has(as)
          ? await personToken(person, { scope })
          : await organizationToken(firm as TestParty, scope);
        const answered = async (id: string) => {
          const made = await server.make({ ...example, path: { ...path, [name]: id } });
          const { status, body } = await send({ ...made, token });
          return `${status} ${body?.code ?? ''}`;
        };
        tried += 1;
        const [others, missing] = [await answered(path[name]!), await answered(randomUUID())];
        if (others !== missing) differing.set(example.id, [others, missing]);
      }
      server.keep(told, await send(await server.make(example)));
    }
    assert.ok(tried > 20, `${tried} tried`);
    assert.deepEqual(
      [...differing.keys()].sort(),
      TOLD_APART.sort(),
      JSON.stringify([...differing]),
    );
  });
});
