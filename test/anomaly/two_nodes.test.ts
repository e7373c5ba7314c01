// Races over two nodes: whichever of them is asked, a code is used once, a refresh token has one
// successor, each use is counted, and of several changes of one version one is made.
import assert from 'node:assert/strict';
import { Browser } from '../support/pages/browser.ts';
import { clientAuth, newClient, PUBLIC, REDIRECT, WEB } from '../support/oauth/clients.ts';
import { secondNode, type Node } from '../support/run/node.ts';
import { givenTo, usesOf } from '../support/oauth/refreshing.ts';
import { authorize } from '../support/oauth/relying_party.ts';
import { newConsentResource } from '../support/rights/rights.ts';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  world,
  type Answer,
} from '../support/world.ts';

const AT_ONCE = 6;

// The embedded database serves one node.
if (process.env.TEST_DATABASE_URL)
  describe('two nodes', () => {
    let nodes: string[];
    let node: Node;
    before(async () => {
      node = await secondNode();
      nodes = [world.url, node.url];
    });
    after(() => node.stop());

    const token = async (url: string, form: Record<string, string>): Promise<Answer> => {
      const answer = await fetch(`${url}/token`, {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      const text = await answer.text();
      const { status, headers } = answer;
      return { status, headers, text, body: JSON.parse(text) };
    };
    /** The same at once, on one node and on the other in turns. */
    const alternating = <Result>(act: (url: string) => Promise<Result>): Promise<Result[]> =>
      Promise.all(Array.from({ length: AT_ONCE }, (_, index) => act(nodes[index % 2]!)));

    /** A refresh token of a consent that was just given, to a client that anybody may be or not. */
    async function given(isOpen: boolean) {
      const client = await newClient(await newOrganization(), isOpen ? PUBLIC : WEB);
      const auth = async (): Promise<Record<string, string>> =>
        isOpen ? { client_id: client.id } : clientAuth(client);
      const of = [await newConsentResource(['privatperson'])];
      const { id, token: first } = await givenTo(client, await newPerson(), { of, auth });
      const refresh = async (url: string, value = first) =>
        token(url, { ...(await auth()), grant_type: 'refresh_token', refresh_token: value });
      return { id, refresh };
    }

    it('give a token that is passed on one successor, each use counted', async () => {
      const { id, refresh } = await given(true);
      const answers = await alternating((url) => refresh(url));
      const good = answers.filter(({ status }) => status === 200);
      assert.equal(good.length, AT_ONCE, answers.map(({ text }) => text).join());
      const [next, ...others] = new Set(good.map(({ body }) => body.refresh_token));
      assert.deepEqual(others, []);
      assert.equal(await usesOf(id), AT_ONCE + 1);
      assert.equal((await refresh(nodes[1]!, next)).status, 200);
      // Its successor was used: somebody else has it.
      assert.equal((await refresh(nodes[0]!)).body.error, 'invalid_grant');
      assert.equal((await refresh(nodes[1]!, next)).body.error, 'invalid_grant');
    });

    it('count every use of a token that stays', async () => {
      const { id, refresh } = await given(false);
      const answers = await alternating((url) => refresh(url));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      assert.equal(await usesOf(id), AT_ONCE + 1);
    });

    it('take a code once', async () => {
      const client = await newClient(await newOrganization(), WEB);
      const { url: back, verifier } = await authorize(new Browser(), client, await newPerson());
      const proofs = await Promise.all(Array.from({ length: AT_ONCE }, () => clientAuth(client)));
      const answers = await alternating((url) =>
        token(url, {
          ...proofs.pop()!,
          grant_type: 'authorization_code',
          code: back.searchParams.get('code')!,
          code_verifier: verifier,
          redirect_uri: REDIRECT,
        }),
      );
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      const tokens = answers.find(({ status }) => status === 200)!.body;
      // A code that was used twice ends what the first use gave (RFC 6749 §4.1.2).
      const again = await token(nodes[0]!, {
        ...(await clientAuth(client)),
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token,
      });
      assert.equal(again.body.error, 'invalid_grant');
    });

    it('take a client assertion once', async () => {
      const client = await newClient(await newOrganization(), {
        grant_types: ['client_credentials'],
      });
      const proof = await clientAuth(client);
      const answers = await alternating((url) =>
        token(url, { ...proof, grant_type: 'client_credentials', scope: client.scope }),
      );
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    });

    it('make one of the changes of an access list that name one version', async () => {
      const owner = await newOrganization();
      const writer = await organizationToken(owner, 'altinn:resourceregistry/accesslist.write');
      const list = `/resourceregistry/api/v1/access-lists/${owner.number}/noder`;
      await call('PUT', list, writer, { name: 'Liste', description: '' });
      const { headers } = await call('GET', list, writer);
      const members = await Promise.all(Array.from({ length: AT_ONCE }, () => newOrganization()));
      const statuses = await alternating(async (url) => {
        const data = [`urn:altinn:party:uuid:${members.pop()!.id}`];
        const version = { 'if-match': headers.get('etag')! };
        return (await call('PUT', `${url}${list}/members`, writer, { data }, version)).status;
      });
      assert.deepEqual(statuses.sort(), [200, 412, 412, 412, 412, 412]);
    });
  });
