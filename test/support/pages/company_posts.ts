// Forms of a company's own pages: a file that is brought, the same looked over, and the page of
// those who have left.
import { office, VAT } from '../rights/office.ts';
import { given, newFirm, newTeam } from '../rights/rights.ts';
import { lastName, newPerson, world } from '../world.ts';
import type { Form } from './posts.ts';

/** The form that brings a file by which somebody new gets something of a firm. */
export async function bringing(): Promise<Form> {
  const [{ firm, boss: person }, { number, name }] = [await newFirm(), await newPerson()];
  const row = `gi;${VAT};31.12.2031;${number};${lastName({ name })}`;
  const file = `Gjør;Fullmakt;Siste dag;Nummer;Etternavn\n${row}`;
  const page = `/holdings/file?party=${firm.id}`;
  return { person, page, action: '/holdings/file', brought: { file } };
}

/** The form that brings a file by which one works for a customer. */
export async function bringingWork(): Promise<Form> {
  const { firm, boss: person, agent, customers } = await office(1);
  const row = `gi;${customers[0]!.number};${VAT};${agent.id}`;
  const file = `Gjør;Kundens nummer;Fullmakt;Den ansattes id\n${row}`;
  const page = `/customers/file?party=${firm.id}`;
  return { person, page, action: '/customers/file', brought: { file } };
}

/** The form in which such a file was looked over. */
export async function lookedOver(bringing: Promise<Form>): Promise<Form> {
  const { person, page, ...first } = await bringing;
  return { person, page, first, action: `${first.action}/check` };
}

/** The page of those who have left, with one of them. */
export async function leaving(): Promise<Form> {
  const { firm, boss: person, clerk } = await newTeam();
  const mandate = await given(person, firm, clerk, { package: VAT });
  await world.database.db.raw(
    `insert into employment (employer, employee, ended_on) values (?, ?, '2026-10-31')`,
    [firm.id, clerk.id],
  );
  const page = `/leavers?party=${firm.id}`;
  return { person, page, action: '/leavers', chosen: { mandate } };
}
