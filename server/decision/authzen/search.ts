// AuthZEN's searches, by pages: who, what and how.
import { reply, type Reply } from '../../platform/http/doors.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid, NO_ID } from '../../platform/ids.ts';
import { type Caller, callerName } from '../../caller/model.ts';
import { AUTHORIZE_ANY, checkOwner, counting, type DecisionApi } from '../asking.ts';
import { entityId, isType, kindsOf, type AskedEvaluation } from './model.ts';
import { decideAll } from '../commands.ts';
import { isSecret } from '../rules/disclosure_model.ts';
import { problem } from '../problems.ts';
import type { SearchEntry } from '../search/log_store.ts';
import type { Decided } from '../rules/question_model.ts';
import { whatCan, whichActions, whoCan } from '../search/search.ts';
import { question } from './question.ts';

const PAGE = { standard: 100, most: 1_000 };

interface Searched extends AskedEvaluation {
  page?: { limit?: number; token?: string; properties?: { include?: unknown } };
}
interface Paging {
  after: string;
  limit: number;
}

function paging(body: Searched, isCursor: (text: string) => boolean, start: string): Paging {
  const { page = {} } = body;
  const token = page.token ? Buffer.from(page.token, 'base64url').toString('utf8') : start;
  if (token !== start && !isCursor(token)) throw problem('AUTHZ.VLD-00012');
  return {
    after: token,
    limit: Math.min(PAGE.most, page.limit ?? PAGE.standard),
  };
}

/** The known facts of a result that the asker wants: `page.properties.include`. */
function asksFor(
  { page }: Searched,
  known: Record<string, string | undefined>,
): { properties?: Record<string, string> } {
  const wanted = [page?.properties?.include ?? []].flat();
  const properties = Object.entries(known).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && wanted.includes(entry[0]),
  );
  return properties.length ? { properties: Object.fromEntries(properties) } : {};
}

const pageOf = (next: string, count: number) => ({
  next_token: next ? Buffer.from(next).toString('base64url') : '',
  count,
});

/** The party asked about, and the parties in the answer, may see that somebody looked. */
function noteSearch(
  { log }: DecisionApi,
  caller: Caller,
  kind: SearchEntry['kind'],
  asked: { action?: string },
  { facts, resource }: Decided,
  told: string[] = [],
): void {
  log.noteSearch({
    caller: callerName(caller),
    kind,
    subject: facts.subject?.id ?? null,
    fromParty: facts.from?.id ?? null,
    resourceId: resource?.id ?? null,
    action: asked.action || null,
    told,
  });
}

export async function searchSubject(
  api: DecisionApi,
  caller: Caller,
  body: AskedEvaluation,
): Promise<Reply> {
  const asked = question(body);
  const page = paging(body, isUuid, NO_ID);
  const kinds = kindsOf(body.subject!.type!);
  const whose = [{ ...asked, subject: null }];
  const [known] = await counting(api, caller, whose, () => decideAll(api.act, whose));
  checkOwner(caller, known!);
  const isKnown =
    kinds !== undefined && known!.resource && isType(body.resource!.type!, known!.resource.type);
  const found = isKnown
    ? await whoCan(api.act, asked, { kinds, ...page })
    : { items: [], next: '', open: [] };
  const shown = found.items.filter((one) => !isSecret(one.decided));
  noteSearch(
    api,
    caller,
    'subject',
    asked,
    known!,
    shown.map(({ id }) => id),
  );
  return reply({
    page: pageOf(found.next, shown.length),
    results: shown.map((one) => ({
      type: body.subject!.type!,
      id: entityId(one.decided.facts.subject!),
      ...asksFor(body, {
        name: one.name,
        kind: one.kind,
        reason: one.decided.decision.reason,
        via: one.decided.decision.via,
      }),
    })),
    ...(found.open.length ? { context: { open: found.open } } : {}),
  });
}

const NOBODY = { subject: null, from: null, mandates: [] };

export async function searchResource(
  api: DecisionApi,
  caller: Caller,
  body: AskedEvaluation,
): Promise<Reply> {
  const asked = question(body);
  const page = paging(body, (text) => text.length <= 200 && !text.includes('\0'), '');
  const any = caller.scopes.has(AUTHORIZE_ANY);
  if (!any && caller.kind !== 'organization') throw fault('TIL-00008');
  const { type } = body.resource as { type: string };
  const kinds = kindsOf(body.subject!.type!);
  const found =
    kinds === undefined
      ? { items: [], next: '', known: undefined }
      : await whatCan(api.act, asked, {
          type: ['resource', 'urn:altinn:resource'].includes(type.toLowerCase()) ? null : type,
          ownerNo: any || caller.kind !== 'organization' ? null : caller.organizationNo,
          ...page,
        });
  await counting(api, caller, [asked], async () => [found.known ?? { facts: NOBODY }]);
  if (found.known) noteSearch(api, caller, 'resource', asked, found.known);
  const shown = found.items.filter((one) => !isSecret(one.decided));
  return reply({
    page: pageOf(found.next, shown.length),
    results: shown.map((one) => ({
      type,
      id: one.id,
      ...asksFor(body, { reason: one.decided.decision.reason }),
    })),
  });
}

export async function searchAction(
  api: DecisionApi,
  caller: Caller,
  body: AskedEvaluation,
): Promise<Reply> {
  const asked = question(body);
  const [known] = await counting(api, caller, [asked], () => decideAll(api.act, [asked]));
  checkOwner(caller, known!);
  const kinds = kindsOf(body.subject!.type!);
  const isKnown =
    kinds !== undefined && known!.resource && isType(body.resource!.type!, known!.resource.type);
  const found = isKnown ? await whichActions(api.act, asked) : [];
  noteSearch(api, caller, 'action', asked, known!);
  const shown = found.filter((one) => !isSecret(one.decided));
  return reply({
    page: pageOf('', shown.length),
    results: shown.map(({ action, decided }) => ({
      name: action,
      ...asksFor(body, { reason: decided.decision.reason }),
    })),
  });
}
