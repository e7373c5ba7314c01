// Why not, for those whom it is about: which mandates come near to opening what was asked, what is
// the matter with each, and since when. Pure.
import { held } from '../../decision/rules/tags_model.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { statusOf, type Lack, type MandateStatus } from '../../mandate/model.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { covers, type Policy } from '../../resource/policy/model.ts';

export const NEAR = [
  'suspended',
  'sent',
  'ended',
  'expired',
  'upcoming',
  'inactive',
  'other_action',
  'other_instance',
] as const;
type NearWhy = (typeof NEAR)[number];

export interface Near {
  mandate: MandateRow;
  why: NearWhy;
  /** Since when; for one that has not begun, from when on. */
  at: Date | null;
  lacks: Lack | null;
}

export interface AskedWhy {
  resource: string;
  action: string;
  instance: string | null;
}

/** How many are shown: the nearest is the answer, the rest is for who looks closer. */
const MOST = 5;

/**
 * The mandates, what stands first, that would have opened it had they held, or covered it; each
 * thing once, as it stands now rather than as it was.
 */
export function nearest(
  mandates: MandateRow[],
  asked: AskedWhy,
  { policy, catalogue }: { policy: Policy; catalogue: Catalogue },
  now: Date,
): Near[] {
  const found = new Map<string, Near>();
  for (const mandate of mandates) {
    const near = nearOf(mandate, asked, { policy, catalogue }, now);
    const { to, role, package: code, resource, instance } = mandate;
    const key = JSON.stringify([to, role, code, resource, instance]);
    if (near && !found.has(key)) found.set(key, near);
  }
  return [...found.values()]
    .sort((a, b) => NEAR.indexOf(a.why) - NEAR.indexOf(b.why))
    .slice(0, MOST);
}

function nearOf(
  mandate: MandateRow,
  asked: AskedWhy,
  { policy, catalogue }: { policy: Policy; catalogue: Catalogue },
  now: Date,
): Near | undefined {
  const status = statusOf(mandate, now);
  const matter = matterOf(mandate, asked, policy, catalogue);
  if (!matter) return undefined;
  if (matter !== 'status') return status === 'active' ? told(mandate, matter) : undefined;
  return status === 'active' ? undefined : told(mandate, status);
}

const SINCE: Partial<Record<MandateStatus, (mandate: MandateRow) => Date | null>> = {
  suspended: ({ suspendedAt }) => suspendedAt,
  ended: ({ endedAt }) => endedAt,
  expired: ({ validTo }) => validTo,
  upcoming: ({ validFrom }) => validFrom,
};

const told = (mandate: MandateRow, why: NearWhy): Near => ({
  mandate,
  why,
  at: SINCE[why as MandateStatus]?.(mandate) ?? null,
  lacks: why === 'inactive' ? mandate.lacks : null,
});

/** The matter with it, if it is its status or its extent; undefined when it opens nothing of it. */
function matterOf(
  mandate: MandateRow,
  { resource, action, instance }: AskedWhy,
  policy: Policy,
  catalogue: Catalogue,
): 'status' | 'other_action' | 'other_instance' | undefined {
  if (mandate.resource !== null) {
    if (mandate.resource !== resource) return undefined;
    if (!mandate.actions!.includes(action)) return 'other_action';
    return mandate.instance === null || mandate.instance === instance ? 'status' : 'other_instance';
  }
  const tags = held(catalogue, mandate, null).map(({ kind, value }) => `${kind} ${value}`);
  const opening = policy.rules.filter(
    ({ effect, subjects }) =>
      effect === 'permit' &&
      subjects.some((all) => all.some(({ kind, value }) => tags.includes(`${kind} ${value}`))),
  );
  if (!opening.length) return undefined;
  return opening.some((rule) => covers(rule, action)) ? 'status' : 'other_action';
}
