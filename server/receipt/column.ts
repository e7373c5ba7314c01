// The receipt column, as it is wired: what somebody holds of an act, to be checked without us.
import type { Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import { receiptOperations, type ReceiptApi } from './routes.ts';

export const receiptColumn = (needs: ReceiptApi): Column => ({
  operations: tagged('Receipts', receiptOperations(needs)),
});
