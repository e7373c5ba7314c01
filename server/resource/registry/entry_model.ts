// The members that a version of a resource keeps of the entry it was registered or imported by.
import type { ResourceContent } from '../model.ts';
import { textOf } from '../../platform/as_text.ts';

/** Members that are kept and handed out as they came (as in Altinn 3). */
const METADATA = [
  'homepage',
  'status',
  'spatial',
  'isPartOf',
  'keywords',
  'thematicAreas',
  'produces',
  'contactPoints',
  'availableForType',
  'hasPart',
  'limitedByRRR',
  'authorizationReference',
];

/** Attributes as they are kept: each with its values. */
export const attributesOf = (told: Record<string, unknown> | null | undefined) =>
  Object.fromEntries(
    Object.entries(told ?? {}).map(([name, value]) => [name, [textOf(value) ?? '']]),
  );

/** The members kept of an entry, with its defaults filled in. */
export function contentOf(
  entry: Record<string, any>,
  fields: ResourceContent['consentMetadata'],
  { minimumLevel, together }: Pick<ResourceContent, 'minimumLevel' | 'together'>,
): ResourceContent {
  return {
    title: entry.title,
    consentText: entry.consentText,
    consentTextAbout: entry.consentTextAbout,
    consentTemplate: entry.consentTemplate,
    consentMetadata: fields,
    isOneTimeConsent: entry.isOneTimeConsent ?? false,
    drawnWithOwnScope: entry.drawnWithOwnScope,
    needed: entry.needed,
    maxValidityDays: entry.maxValidityDays,
    decidesFrom: entry.decidesFrom,
    parentUntil: entry.parentUntil,
    receiverFrom: entry.receiverFrom,
    parents: entry.parents,
    together,
    parentsSee: entry.parentsSee,
    notShownTo: entry.notShownTo,
    sensitive: entry.sensitive,
    uses: entry.uses,
    howOften: entry.howOften,
    ifNo: entry.ifNo,
    ifWithdrawn: entry.ifWithdrawn,
    linkHosts: entry.linkHosts ?? [],
    minimumLevel,
    description: entry.description,
    rightDescription: entry.rightDescription,
    delegable: entry.delegable ?? true,
    visible: entry.visible ?? true,
    selfIdentifiedUserEnabled: entry.selfIdentifiedUserEnabled ?? false,
    enterpriseUserEnabled: entry.enterpriseUserEnabled ?? false,
    resourceReferences: entry.resourceReferences ?? [],
    attributes: attributesOf(entry.attributes),
    authoritative: entry.authoritative ?? [],
    metadata: Object.fromEntries(
      METADATA.filter((name) => entry[name] !== undefined).map((name) => [name, entry[name]]),
    ),
  };
}
