// The steps of a request for a right on its page: whose each is, and the words once it is done.
import type { Context } from 'koa';
import type { RequestRow, RequestState } from '../../access_request/model.ts';
import { languageOf, t } from '../../platform/locale.ts';

export type Side = 'from' | 'to';
export type PageStep =
  | 'approve'
  | 'reject'
  | 'explain'
  | 'withdraw'
  | 'confirm'
  | 'remind'
  | 'take-back';
/** The side that takes the step. */
export const STEPS: Record<PageStep, Side> = {
  approve: 'from',
  reject: 'from',
  explain: 'from',
  withdraw: 'to',
  confirm: 'to',
  remind: 'to',
  'take-back': 'from',
};

/** The step that was just done, as the address says it. */
export const DONE: Record<PageStep, string> = {
  approve: 'given',
  reject: 'refused',
  explain: 'explained',
  withdraw: 'withdrawn',
  confirm: 'sent',
  remind: 'reminded',
  'take-back': 'yes_gone',
};
/** As long as it is so: an address alone shows nobody that something was done. */
const SO: Record<string, RequestState[]> = {
  given: ['approved', 'partly'],
  refused: ['rejected'],
  explained: ['rejected'],
  withdrawn: ['withdrawn'],
  sent: ['pending'],
  waiting: ['draft', 'pending'],
  reminded: ['pending'],
  passed: ['pending'],
  said: ['pending'],
  yes_gone: ['pending', 'withdrawn'],
};

export function toldOf(
  ctx: Context,
  { state, offered, askedAgain, noBecause }: RequestRow,
  { names, hasSaid }: { names: Record<string, string>; hasSaid: boolean },
) {
  const { searchParams } = ctx.URL;
  const isSo = (one: string) =>
    SO[one]!.includes(state) &&
    (one === 'said' ? hasSaid : one !== 'yes_gone' || !hasSaid) &&
    (one !== 'explained' || noBecause !== null) &&
    (one !== 'reminded' || askedAgain > 0);
  const done = Object.keys(SO).find((one) => searchParams.has(one) && isSo(one));
  // A gift of several may wait for its receiver still.
  const key = offered && (done === 'refused' || done === 'given') ? `offer_${done}` : done;
  return key && t(languageOf(ctx), `asked.told.${key}`, names);
}
