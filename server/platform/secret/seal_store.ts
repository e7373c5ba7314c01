// The seal of a database: what is digested for as long as it lives, such as a person's subject at a
// client, is digested with the secret that it began with, which is kept in it, sealed. So the
// configured secret can be replaced.
import { query, queryOne, type Db, type Statement } from '../db/db.ts';
import type { Env } from '../env/env.ts';
import { createSeal, type Seal } from './seal.ts';

const PURPOSE = 'first_secret';
/** The purpose of a digest by which nodes and operators know a secret again. */
const SECRET_USE = 'secret_use';
/** Digests that must never change. */
const LASTING = ['pairwise', 'client_secret'];

const insert: Statement = {
  name: 'keep_first_secret',
  text: `insert into kept_secret (name, sealed) values ('${PURPOSE}', $1) on conflict (name) do nothing`,
};
const select: Statement = {
  name: 'first_secret',
  text: `select kept.sealed from kept_secret kept where kept.name = '${PURPOSE}'`,
};
const update: Statement = {
  name: 'seal_first_secret',
  text: `update kept_secret set sealed = $2 where kept_secret.name = '${PURPOSE}' and kept_secret.sealed = $1`,
};

/** Digests by which a seal's secrets are known again: of its own, then of those that it accepts. */
export const usesOf = (seal: Seal): string[] => seal.digests(SECRET_USE, '');
/** The same of one secret. */
export const useOf = (secret: string): string => usesOf(createSeal(secret))[0]!;

/** Whether a seal opens the secret that the database began with; undefined where it kept none. */
export async function opensFirst(db: Db, seal: Seal): Promise<boolean | undefined> {
  const kept = await queryOne<{ sealed: string }>(db, select);
  return kept && seal.opened(PURPOSE, kept.sealed) !== undefined;
}

/** The seal for this database; throws when neither SECRET nor SECRET_ACCEPTED opens it. */
export async function openSeal(
  db: Db,
  { secret, acceptedSecrets }: Pick<Env, 'secret' | 'acceptedSecrets'>,
): Promise<Seal> {
  const seal = createSeal(secret, acceptedSecrets);
  await query(db, insert, [seal.seal(PURPOSE, secret)]);
  const { sealed } = (await queryOne<{ sealed: string }>(db, select))!;
  let lasting: Seal;
  try {
    lasting = createSeal(seal.open(PURPOSE, sealed));
  } catch (cause) {
    throw new Error(
      'This database was sealed with another SECRET. Name that one in SECRET_ACCEPTED.',
      { cause },
    );
  }
  const renewed = seal.renewed(PURPOSE, sealed);
  if (renewed !== undefined) await query(db, update, [sealed, renewed]);
  return {
    ...seal,
    digest: (purpose, value) => (LASTING.includes(purpose) ? lasting : seal).digest(purpose, value),
  };
}
