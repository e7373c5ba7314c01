// Finding consents: as they are stored, with the words of their services and template, which never
// change and are remembered by version.
import type { Knowing } from '../resource/catalogue/catalogue.ts';
import type { Consent, ConsentRow } from './model.ts';
import { findConsentRow, findConsentRows } from './store.ts';

const templateKey = ({ id, version }: ConsentRow['template']) => `${id} ${version}`;

/** Consents with the words of their services and templates. */
export async function withWords(
  { db, knowledge }: Knowing,
  rows: ConsentRow[],
): Promise<Consent[]> {
  if (!rows.length) return [];
  const versions = rows.flatMap(({ rights, leftOut }) =>
    [...rights, ...leftOut].map(({ version }) => version),
  );
  const contents = await knowledge.contents(db, versions);
  const templates = await knowledge.templates(
    db,
    rows.map(({ template }) => templateKey(template)),
  );
  const worded = (rights: ConsentRow['rights']) =>
    rights.map((right) => ({ ...right, content: contents.get(right.version)! }));
  return rows.map((row) => ({
    ...row,
    rights: worded(row.rights),
    leftOut: worded(row.leftOut),
    template: templates.get(templateKey(row.template))!,
  }));
}

/** A consent with its last 200 events. */
export async function findConsent(act: Knowing, id: string): Promise<Consent | undefined> {
  const row = await findConsentRow(act, id);
  return row && (await withWords(act, [row]))[0];
}

/** Many consents, with their latest event only. */
export const findConsents = async (act: Knowing, ids: string[]): Promise<Consent[]> =>
  withWords(act, await findConsentRows(act, ids));
