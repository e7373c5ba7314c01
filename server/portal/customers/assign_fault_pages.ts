// Why something of a customer's could not be given to somebody, in words. It decides nothing.
import { displayName } from '../../consent/text.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import { t, type Language } from '../../platform/locale.ts';
import type { Assignment } from '../../supplier/assign.ts';
import { whyNot } from '../mandate/pages.ts';

interface Named {
  id: string;
  kind: string;
  name: string;
}

/** Names each pair for which it could not be done, and why. */
export function whyEach(
  failed: NotDone<Assignment>[],
  { agents, clients }: { agents: Named[]; clients: Named[] },
  language: Language,
): string[] {
  const nameIn = (some: Named[], id: string) => {
    const found = some.find((one) => one.id === id);
    return found ? displayName(found) : t(language, 'person.another');
  };
  return failed.map(({ item, why }) =>
    t(language, 'customers.not_given', {
      agent: nameIn(agents, item.agent),
      client: nameIn(clients, item.client),
      why: whyNot(why, language) ?? t(language, 'person.cannot'),
    }),
  );
}
