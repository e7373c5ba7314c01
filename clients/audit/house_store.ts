// SQL of the audit of what is about no party: policies, clients and signing keys held to what their
// events say. It only reads.

/** The digest of JSON as it is stored. */
export const digest = (json: string) => `encode(sha256(convert_to(${json}::text, 'UTF8')), 'hex')`;
/** The newest event of some kinds for each thing, by the member that names it. */
const newest = (kinds: string[], member: string) =>
  `(select distinct on (event.detail ->> '${member}') event.type, event.detail from event where event.type in (${kinds.map((kind) => `'${kind}'`)})
    order by event.detail ->> '${member}', event.id desc)`;

/** Each gives `column` and `id`, of a row that is not as its events say. */
const HELD: Record<string, string> = {
  'resource.policy_version': `select held.id from resource held left join ${newest(['policy_published'], 'resource')} said on said.detail ->> 'resource' = held.id
    where held.policy_version is distinct from (said.detail ->> 'version')::bigint`,
  'policy_version.content': `select held.version::text as id from event said join policy_version held on held.version = (said.detail ->> 'version')::bigint
    where said.type = 'policy_published' and (${digest('held.content')} <> said.detail ->> 'digest' or held.resource_id <> said.detail ->> 'resource')`,
  'oauth_client.client_id': `select coalesce(held.client_id, said.detail ->> 'client') as id from oauth_client held
    full join ${newest(['client_registered', 'client_changed'], 'client')} said on said.detail ->> 'client' = held.client_id where held.client_id is null or said.detail is null`,
  'oauth_client.owner': `select held.client_id as id from oauth_client held join ${newest(['client_registered', 'client_changed'], 'client')} said on said.detail ->> 'client' = held.client_id
    where held.owner::text is distinct from said.detail ->> 'owner'`,
  'oauth_client.metadata': `select held.client_id as id from oauth_client held join ${newest(['client_registered', 'client_changed'], 'client')} said on said.detail ->> 'client' = held.client_id
    where ${digest('held.metadata')} <> said.detail ->> 'digest'`,
  'signing_key.kid': `select held.kid as id from signing_key held left join ${newest(['key_begun', 'key_removed'], 'kid')} said on said.detail ->> 'kid' = held.kid
    where said.type is distinct from 'key_begun'`,
  'signing_key.public_jwk': `select held.kid as id from signing_key held join event said on said.type = 'key_begun' and said.detail ->> 'kid' = held.kid
    where held.public_jwk <> said.detail -> 'publicJwk'`,
  'log_key.public': `select held.id::text from log_key held left join event said on said.type = 'log_key_begun' and said.detail ->> 'id' = held.id::text
    where said.id is null or encode(held.public, 'hex') <> said.detail ->> 'publicKey'`,
};

/** Columns that events of the house say something of, by name. */
export const HOUSE_COLUMNS = Object.keys(HELD);

/** The column and the id of each row that is not as these events say. */
export const HELD_HOUSE = HOUSE_COLUMNS.map(
  (column) => `select '${column}' as column, found.id from (${HELD[column]}) as found(id)`,
).join(' union all ');
