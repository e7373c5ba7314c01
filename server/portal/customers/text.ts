// A supplier's customer in words. It decides nothing.
import { displayName } from '../../consent/text.ts';
import { dayOf } from '../../party/day_model.ts';
import {
  formatDate,
  formatList,
  formatOrganizationNumber,
  pick,
  t,
  type Language,
} from '../../platform/locale.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { ResourceRow } from '../../resource/store.ts';
import type { ListedClient } from '../../supplier/client_list_store.ts';
import { asHeading } from '../mandate/text.ts';

interface ClientWords {
  language: Language;
  catalogue: Catalogue;
  /** Services that a customer gave by themselves, by id. */
  services: Map<string, ResourceRow>;
}

/** Roles that a register says, and packages that the customer gave. */
const heldNames = (
  { roles, packages, resources }: ListedClient,
  { language, catalogue, services }: ClientWords,
) => ({
  roles: roles.map((code) => pick(catalogue.roles.get(code)?.name, language)?.text ?? code),
  given: [
    ...packages.map((code) => pick(catalogue.packages.get(code)?.name, language)?.text ?? code),
    ...resources.map((id) => pick(services.get(id)?.content.title, language)?.text ?? id),
  ],
});

/** The last day on which something holds that ends at an instant. */
const lastDayOf = (ends: string | Date): Date => new Date(new Date(ends).getTime() - 1);

const agentsText = ({ agents, agentCount }: ListedClient, language: Language): string => {
  const names = agents.map((agent) =>
    agent.ends
      ? t(language, 'customers.until', {
          name: displayName(agent),
          date: formatDate(language, lastDayOf(agent.ends)),
        })
      : displayName(agent),
  );
  return t(language, 'customers.agents', {
    n: agentCount,
    names: listed(names, agentCount, language),
  });
};

/** Names of some of so many. */
const listed = (names: string[], n: number, language: Language): string => {
  const more = n - names.length;
  return formatList(
    language,
    more > 0 ? [...names, t(language, 'customers.more', { n: more })] : names,
  );
};

/** A sentence of those for whom nothing holds now; none where all can do something. */
const restingText = ({ resting, restingCount }: ListedClient, language: Language): string[] =>
  restingCount
    ? [
        t(language, 'customers.resting', {
          names: listed(resting.map(displayName), restingCount, language),
        }),
      ]
    : [];

/** Sentences of what a customer gave or a register says, and when the first of it ends. */
export function heldLines(one: ListedClient, words: ClientWords): string[] {
  const { language } = words;
  const { roles, given } = heldNames(one, words);
  const names = asHeading(language, formatList(language, roles));
  return [
    ...(roles.length ? [t(language, 'customers.by_role', { roles: names })] : []),
    ...(given.length
      ? [t(language, 'customers.gave', { packages: formatList(language, given) })]
      : []),
    ...(one.ends
      ? [t(language, 'customers.ends', { date: formatDate(language, lastDayOf(one.ends)) })]
      : []),
  ];
}

/** A line of the list. */
export const clientLine = (one: ListedClient, words: ClientWords) => ({
  id: one.id,
  name: displayName(one),
  number: one.organizationNo ? formatOrganizationNumber(one.organizationNo) : undefined,
  facts: [
    ...heldLines(one, words),
    agentsText(one, words.language),
    ...restingText(one, words.language),
  ],
});

export const CLIENT_COLUMNS = ['name', 'number', 'roles', 'packages', 'agents', 'ends'] as const;

/** A row of the file. */
export function clientCells(
  one: ListedClient,
  words: ClientWords,
): Record<(typeof CLIENT_COLUMNS)[number], string> {
  const { roles, given } = heldNames(one, words);
  return {
    name: displayName(one),
    number: one.organizationNo ?? '',
    roles: roles.join(', '),
    packages: given.join(', '),
    agents: [agentsText(one, words.language), ...restingText(one, words.language)].join(' '),
    ends: one.ends ? dayOf(lastDayOf(one.ends)) : '',
  };
}
