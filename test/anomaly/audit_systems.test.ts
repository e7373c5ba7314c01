// The audit of systems that their organisation suspends: their mandates stay as they are, and who
// lets one work again by hand is found out.
import assert from 'node:assert/strict';
import { auditAfter } from '../support/audit.ts';
import { signedDatabase, type SignedDatabase } from '../support/log.ts';

const SYSTEM = '5a7e0000-0000-4000-8000-00000000bbbb';
const SUSPENDED = `
  insert into party (id, party_id, kind, name, owner, system_id, system_kind, suspended_at)
    select '${SYSTEM}', nextval('party_number'), 'system_user', 'System', id, 'v_lonn', 'agent', now() from party where kind = 'organization' limit 1;
  with happened as (
      insert into event (id, type, at, from_party, to_party, mandate_id, detail)
      select new_event_id(now()), 'system_suspended', now(), owner, id, null, '{"system": "v_lonn"}'::jsonb from party where id = '${SYSTEM}'
      union all select new_event_id(now()), 'suspended', now(), from_party, to_party, id, '{"receiver": true}'
        from mandate where basis = 'delegation' and ended_at is null and suspended_at is null returning id)
    insert into log_pending select id from happened`;

// The embedded database has no port that the audit could ask.
if (process.env.TEST_DATABASE_URL)
  describe('an audit of systems', () => {
    let made: SignedDatabase;
    before(async () => {
      made = await signedDatabase();
    });

    it('finds no fault in mandates that stopped with a system', async () => {
      const { lines } = await auditAfter(made, SUSPENDED);
      assert.ok(lines.length > 0);
      assert.ok(!lines.some((line) => line.includes('suspended_at')), lines.join('; '));
    });

    it('finds a system that was let work again by hand', async () => {
      const freed = `update party set suspended_at = null where id = '${SYSTEM}'`;
      const { lines } = await auditAfter(made, `${SUSPENDED}; ${freed}`);
      assert.ok(lines.includes(`changed party.suspended_at ${SYSTEM}`), lines.join('; '));
    });
  });
