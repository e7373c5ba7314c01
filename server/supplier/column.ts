// The supplier column, as it is wired: customers and agents, API scopes passed on, systems of
// vendors and the system users that organisations have of them.
import type { Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import { agentOperations } from './agent_routes.ts';
import { customerOperations } from './customer_routes.ts';
import { scopeFeedOperations } from './scope_feed_routes.ts';
import { scopeOperations } from './scope_routes.ts';
import { systemAnswerOperations } from './system/answer_routes.ts';
import { systemOperations } from './system/register_routes.ts';
import { systemRequestOperations } from './system/request_routes.ts';
import { systemUserOperations } from './system/user_routes.ts';

export const supplierColumn = (needs: { issuer: string }): Column => ({
  operations: [
    ...tagged('Customers and agents', [...customerOperations(), ...agentOperations()]),
    ...tagged('API scopes', [...scopeOperations(), ...scopeFeedOperations()]),
    ...tagged('System users', systemUserOperations()),
    ...tagged('Systems', [
      ...systemOperations(),
      ...systemRequestOperations(needs),
      ...systemAnswerOperations(needs),
    ]),
  ],
});
