// The calls of an operation as a shell makes them: with tokens of the demo's people and machines,
// after the calls whose answers they use. They run as they stand, beside the demo. Pure.
import { asText } from '../platform/as_text.ts';
import type { Operation } from '../platform/http/doors.ts';
import { isOptional } from '../platform/http/reading.ts';
import type { TSchema } from '../platform/http/shapes.ts';
import { CALLERS, shownOf, stepsOf, type Example } from './example_model.ts';
import { sampleOf } from './sample_model.ts';

/** Commands that the calls use: a token of the demo's world, and a member of an answer. */
export const HELPERS = `demo() { node server/launch.js clients/token.ts "$@"; }
pick() { node -p 'process.argv[1].split("/").slice(1).reduce((at, name) => at[name], JSON.parse(fs.readFileSync(0)))' "$1"; }`;

/**
 * The calls of an operation where the demo's world is: the token of each, and first what comes
 * before.
 */
export function demoCallsOf(id: string, operations: Map<string, Operation>, issuer: string) {
  const steps = stepsOf(id);
  const tokens = steps.map((step) => tokenOf(operations.get(step.id)!, step));
  return steps
    .flatMap((step, at) => {
      const call = callOf(operations.get(step.id)!, step, issuer);
      const token = tokens[at] === tokens[at - 1] ? undefined : tokens[at];
      return [...(token ? [token] : []), at === steps.length - 1 ? call : stepped(step, call)];
    })
    .join('\n')
    .replaceAll(BANK, bankAt(issuer));
}

/** The call alone, with `$TOKEN` for a token of the caller's own. */
export const ownCallOf = (operation: Operation, issuer: string): string =>
  callOf(operation, shownOf(operation.id), issuer);

/** A call before another keeps what that uses, and shows nothing. */
function stepped({ keep }: Example, call: string): string {
  const [kept] = Object.entries(keep ?? {});
  return kept ? `${variable(kept[0])}=$(${call} | pick ${kept[1]})` : `${call} > /dev/null`;
}

function tokenOf({ who }: Operation, { as, scope }: Example): string | undefined {
  if (who.kind !== 'token' || as === undefined) return undefined;
  const wanted = scope ?? who.scopes[0];
  return `TOKEN=$(demo ${[CALLERS[as], wanted].join(' ').trim()})`;
}

function callOf(
  { method, paths, who, path = {}, query = {}, body, handle, bodyOptional }: Operation,
  example: Example,
  issuer: string,
): string {
  const values = { ...samples(path), ...example.path };
  const where = paths[0].replace(/:(\w+)/g, (_whole, name: string) => asText(values[name] ?? name));
  const asked = new URLSearchParams({ ...samples(query), ...example.query }).toString();
  const search = asked.replaceAll(/%7B(\w+)%7D/g, '{$1}');
  const put = (text: string) => quoted(text, example);
  const lines = [`curl -s -X ${method} ${put(`${issuer}${where}${search && `?${search}`}`)}`];
  if (who.kind === 'token') lines.push(`-H "authorization: Bearer $TOKEN"`);
  if (body && !handle) {
    const form = (example.body ?? sampleOf(body)) as Record<string, string>;
    for (const [name, value] of Object.entries(form))
      lines.push(`--data-urlencode ${put(`${name}=${value}`)}`);
  } else if (body && (!bodyOptional || example.body)) {
    const sent = JSON.stringify(example.body ?? sampleOf(body));
    lines.push(`-H 'content-type: application/json'`, `--data ${put(sent)}`);
  }
  return lines.join(' \\\n  ');
}

/** The demo's bank, two ports above. */
const BANK = 'http://127.0.0.1:3002';
function bankAt(issuer: string): string {
  const bank = new URL(issuer);
  bank.port = `${Number(bank.port) + 2}`;
  return bank.origin;
}

/** For a shell, with the assertion and the values of earlier answers put in. */
function quoted(text: string, { as, demo = '--authenticate' }: Example): string {
  const literal = (part: string) => part && `'${part.replaceAll("'", String.raw`'\''`)}'`;
  return text
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === 'assertion') return `"$(demo ${as} ${demo})"`;
      return name ? `"$${variable(name)}"` : literal(part);
    })
    .join('');
}

const variable = (name: string) =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** The parameters that a call cannot do without. */
function samples(schemas: Record<string, TSchema>): Record<string, string> {
  const needed = Object.entries(schemas).filter(
    ([, schema]) => !isOptional(schema) && !('default' in schema),
  );
  return Object.fromEntries(
    needed.map(([name, schema]) => [name, [sampleOf(schema)].flat().join()]),
  );
}
