// The connection column, as it is wired: who is connected with whom, and by what.
import type { Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import { fallenOperations } from './fallen_routes.ts';
import { packageOperations } from './package_routes.ts';
import { rightsOperations } from './rights_routes.ts';
import { connectionOperations } from './routes.ts';
import { stopOperations } from './suspend_routes.ts';
import { whoCanOperations } from './who_can_routes.ts';

export const connectionColumn = (): Column => ({
  operations: [
    ...tagged('Mandates', [...fallenOperations(), ...stopOperations(), ...whoCanOperations()]),
    ...tagged('Connections', [
      ...connectionOperations(),
      ...packageOperations(),
      ...rightsOperations(),
    ]),
  ],
});
