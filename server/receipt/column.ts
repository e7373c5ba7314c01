// The receipt column, as it is wired: what somebody holds of an act, to be checked without us.
import type { Whoever } from '../caller/pages.ts';
import type { Keyring } from '../oidc/keys/keys.ts';
import type { Wired } from '../platform/act.ts';
import type { Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import { receiptPages, verifyPages, type ReceiptPages } from './pages.ts';
import type { SignReceipt } from './receipt.ts';
import { receiptOperations } from './routes.ts';

interface Needs extends Omit<Wired<ReceiptPages>, 'signReceipt'> {
  whoever: Whoever;
  keyring: Keyring;
}

export function receiptColumn(needs: Needs): Column {
  const signReceipt: SignReceipt = (payload, typ) =>
    needs.keyring.signJwt('ES256', payload, { typ });
  const parts = { ...needs, signReceipt };
  return {
    operations: tagged('Receipts', receiptOperations(parts)),
    pages: [receiptPages(parts), verifyPages(parts)],
  };
}
