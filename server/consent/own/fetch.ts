// A data source's word that it gave out what a consent is about: the giver sees it. It is in no
// feed, but where no token let it be fetched.
import type { Deciding } from '../../decision/act.ts';
import { appendEvents } from '../../event/store.ts';
import { asGiven, eventParties } from '../model.ts';
import { longestToken } from '../page.ts';
import { problem } from '../problems.ts';
import { findConsent } from '../find.ts';
import { wasTokenOut } from './fetch_store.ts';

export interface Fetch {
  consent: string;
  /** The chosen resources, when it has several. */
  resource?: string | undefined;
  at: Date;
  reference?: string | undefined;
}

/**
 * Notes that the owner of a resource of the consent gave out what it is about. AM-00001 for whoever
 * owns none of them: nobody else learns that there is one. Of a consent whose uses are counted, the
 * event says when no token was out: `tokenSeconds` is how long one lives, where no scope says more.
 */
export async function noteFetch(
  act: Deciding,
  organizationNo: string,
  { consent: id, resource, at, reference }: Fetch,
  tokenSeconds: number,
): Promise<void> {
  const consent = await findConsent(act, id);
  // Also what was taken out: it may have been given out before, and by a token that was out.
  const given = consent ? asGiven(consent).rights : [];
  const own = given.filter(({ owner }) => owner.organizationNo === organizationNo);
  const named = own.filter((right) => resource === undefined || right.resource === resource);
  if (!consent || !named.length) throw problem('AM-00001');
  if (!consent.approvedAt || at < consent.approvedAt) throw problem('AM-00014');
  // Uses that were counted elsewhere, or whose events are gone, are not known one by one.
  const isKnown = consent.uses === 0 || consent.events.some(({ type }) => type === 'used');
  const wasOut = async () =>
    wasTokenOut(act.db, id, { at, seconds: await longestToken({ act, tokenSeconds }) });
  const beyond = consent.useLimit !== null && isKnown && !(await wasOut());
  const detail = {
    resources: named.map((right) => right.resource),
    at,
    reference,
    ...(beyond ? { beyond } : {}),
  };
  const byParty = named[0]!.owner.id;
  await appendEvents(act, [{ type: 'fetched', ...eventParties(consent), byParty, detail }]);
}
