// The public interop scenario of AuthZEN, a list of todos, as far as our model can say it.
//
// It cannot say: a resource named by an e-mail address (ids of resources have no @), so that users
// are no resources and `can_read_user` is asked of one resource for them all; a condition that
// compares two attributes, so that "one's own" is a rule for each of those who may have any; roles
// that a directory of users knows, which are access lists here.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { importThis } from '../../support/world.ts';
import { evaluate, newResource, OWNER } from '../../support/rights/rights.ts';

interface User {
  name: string;
  email: string;
  roles: string[];
}
const USERS: User[] = [
  { name: 'Rick', email: 'rick@the-citadel.com', roles: ['admin', 'evil_genius'] },
  { name: 'Morty', email: 'morty@the-citadel.com', roles: ['editor'] },
  { name: 'Summer', email: 'summer@the-smiths.com', roles: ['editor'] },
  { name: 'Beth', email: 'beth@the-smiths.com', roles: ['viewer'] },
  { name: 'Jerry', email: 'jerry@the-smiths.com', roles: ['viewer'] },
];
const ROLES = ['admin', 'evil_genius', 'editor', 'viewer'];

describe('the todo scenario of AuthZEN', () => {
  const run = randomUUID().slice(0, 8);
  const subjectOf = ({ name }: User) => `${name.toLowerCase()}-${run}`;
  let todos: string;
  let users: string;

  before(async () => {
    await importThis({
      parties: USERS.map((user) => ({
        kind: 'self_identified',
        id: randomUUID(),
        username: subjectOf(user),
        name: user.name,
      })),
    });
    const list = (role: string) => `${role.replace('_', '-')}-${run}`;
    await importThis({
      accessLists: ROLES.map((role) => ({
        id: list(role),
        owner: OWNER,
        name: role,
        members: USERS.filter(({ roles }) => roles.includes(role)).map(subjectOf),
      })),
    });
    const by = (...roles: string[]) => roles.map((role) => `accesslist:${list(role)}`);
    const editors = USERS.filter(({ roles }) => roles.includes('editor'));
    users = await newResource([{ actions: ['can_read_user'], subjects: by(...ROLES) }]);
    todos = await newResource([
      { actions: ['can_read_todos'], subjects: by(...ROLES) },
      { actions: ['can_create_todo'], subjects: by('admin', 'editor') },
      { actions: ['can_update_todo'], subjects: by('evil_genius') },
      { actions: ['can_delete_todo'], subjects: by('admin') },
      ...editors.map((user) => ({
        actions: ['can_update_todo', 'can_delete_todo'],
        subjects: [`username:${subjectOf(user)}`],
        when: [{ category: 'resource', name: 'ownerID', values: [user.email] }],
      })),
    ]);
  });

  const may = async (user: User, name: string, resource: string, ownerID?: string) =>
    (
      await evaluate({
        subject: { type: 'user', id: subjectOf(user) },
        action: { name },
        resource: { type: 'resource', id: resource, properties: ownerID ? { ownerID } : {} },
      })
    ).body.decision;

  for (const user of USERS) {
    const edits = user.roles.includes('admin') || user.roles.includes('editor');
    const isEditor = user.roles.includes('editor');
    const isAdmin = user.roles.includes('admin');
    const isEvil = user.roles.includes('evil_genius');
    it(`lets ${user.name} see users and todos, and ${edits ? 'make' : 'not make'} one`, async () => {
      assert.equal(await may(user, 'can_read_user', users), true);
      assert.equal(await may(user, 'can_read_todos', todos), true);
      assert.equal(await may(user, 'can_create_todo', todos), edits);
    });

    it(`lets ${user.name} change and delete what an ${user.roles.join(' and ')} may`, async () => {
      for (const owner of USERS) {
        const isOwn = owner === user && isEditor;
        const of = [todos, owner.email] as const;
        assert.equal(await may(user, 'can_update_todo', ...of), isEvil || isOwn, owner.name);
        assert.equal(await may(user, 'can_delete_todo', ...of), isAdmin || isOwn, owner.name);
      }
      assert.equal(await may(user, 'can_update_todo', todos), isEvil);
    });
  }

  it('lets nobody in who is no user of it', async () => {
    const stranger = { name: 'Nobody', email: 'nobody@example.com', roles: [] };
    assert.equal(await may(stranger, 'can_read_todos', todos), false);
  });
});
