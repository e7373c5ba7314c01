// The supplier column, as it is wired: customers and agents, API scopes passed on, system users.
import type { Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import { agentOperations } from './agent_routes.ts';
import { customerOperations } from './customer_routes.ts';
import { scopeFeedOperations } from './scope_feed_routes.ts';
import { scopeOperations } from './scope_routes.ts';
import { systemUserOperations } from './system/user_routes.ts';

export const supplierColumn = (): Column => ({
  operations: [
    ...tagged('Customers and agents', [...customerOperations(), ...agentOperations()]),
    ...tagged('API scopes', [...scopeOperations(), ...scopeFeedOperations()]),
    ...tagged('System users', systemUserOperations()),
  ],
});
