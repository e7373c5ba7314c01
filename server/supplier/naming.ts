// How calls about a supplier's customers and agents name them.
import { mustHave } from '../delegation/enduser.ts';
import { queryText } from '../delegation/shapes.ts';

export interface CustomerSides {
  client?: string | undefined;
  from?: string | undefined;
  agent?: string | undefined;
  to?: string | undefined;
}

export const clientOf = ({ client, from }: CustomerSides) => client ?? mustHave(from, 'client');
export const agentOf = ({ agent, to }: CustomerSides) => agent ?? mustHave(to, 'agent');
export const resource = { resource: queryText(200) };
