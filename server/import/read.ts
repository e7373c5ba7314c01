// Reads import files: JSON or JSON Lines, each record checked against the schema, each fault with
// its line. It knows the format, not what becomes of it.
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import { textsOf } from '../platform/log.ts';
import resourceSchema from '../resource/resource.schema.json' with { type: 'json' };
import schema from './import.schema.json' with { type: 'json' };
import { asText } from '../platform/as_text.ts';

const KINDS = [
  'source',
  'role',
  'area',
  'package',
  'rolePackage',
  'party',
  'qualification',
  'incapacity',
  'roleHolder',
  'registrar',
  'template',
  'accessList',
  'resource',
  'instance',
  'mandate',
  'scope',
  'resourceServer',
  'consentOrigin',
  'client',
  'system',
  'consentRequest',
] as const;
type Kind = (typeof KINDS)[number];
export type Entry = Record<string, any> & { line: number };
export type Records = Record<Kind, Entry[]>;

const LISTS = Object.fromEntries(
  KINDS.map((kind) => [kind, `${kind.replace(/y$/, 'ie')}s`]),
) as Record<Kind, string>;

/** Everything wrong with a file. Its message lists the faults, a line each. */
export class ImportFault extends Error {
  readonly faults: { line: number; why: string }[];

  constructor(file: string, faults: { line: number; why: string }[]) {
    const shown = faults.slice(0, 20).map(({ line, why }) => `${file}:${line}: ${why}`);
    if (faults.length > shown.length) shown.push(`… and ${faults.length - shown.length} more`);
    super(shown.join('\n'));
    this.faults = faults;
  }
}

let schemas: Ajv2020.default | undefined;
/** Made and compiled at first use, as a server that imports nothing needs none. */
const validatorOf = (kind: Kind) =>
  (schemas ??= openSchemas()).getSchema(`urn:tillit:import:1#/$defs/${kind}`)!;
/** The schemas are ours, and a test holds them to theirs: here they are read as they are. */
function openSchemas(): Ajv2020.default {
  const ajv = new Ajv2020.default({ allowUnionTypes: true, validateSchema: false });
  addFormats.default(ajv);
  return ajv.addSchema(resourceSchema).addSchema(schema);
}

/** The records of a file by kind. Throws ImportFault; nothing of a file with a fault is used. */
export function readImport(file: string, edit = (text: string) => text): Records {
  let text: string;
  try {
    text = edit(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ImportFault(file, [{ line: 0, why: (error as Error).message }]);
  }
  const faults: { line: number; why: string }[] = [];
  const records = Object.fromEntries(KINDS.map((kind) => [kind, [] as Entry[]])) as Records;
  if (/\.(jsonl|ndjson)$/i.test(file)) readLines(text, records, faults);
  else readDocument(text, records, faults);
  if (faults.length) throw new ImportFault(file, faults);
  return records;
}

function readLines(text: string, records: Records, faults: { line: number; why: string }[]): void {
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    if (!raw.trim()) return;
    let value: Record<string, unknown>;
    try {
      value = JSON.parse(raw) as Record<string, unknown>;
    } catch (error) {
      faults.push({ line, why: textsOf(error as Error) });
      return;
    }
    const { record: kind, ...record } = value ?? {};
    if (!KINDS.includes(kind as Kind)) {
      faults.push({ line, why: `the member "record" must be one of ${KINDS.join(', ')}` });
      return;
    }
    const why = check(kind as Kind, record);
    if (why) faults.push({ line, why: `${kind as string}${why}` });
    else records[kind as Kind].push(Object.assign(record, { line }));
  });
}

function readDocument(
  text: string,
  records: Records,
  faults: { line: number; why: string }[],
): void {
  let document: Record<string, unknown>;
  try {
    document = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    const offset = Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? text.length);
    faults.push({ line: lineAt(text, offset), why: textsOf(error as Error) });
    return;
  }
  if (document?.tillit !== 1) {
    faults.push({ line: 1, why: 'the member "tillit" must be 1, the version of the format' });
    return;
  }
  const unknown = Object.keys(document).find(
    (name) => name !== 'tillit' && !Object.values(LISTS).includes(name),
  );
  if (unknown) faults.push({ line: 1, why: `unknown list ${unknown}` });
  // Lines are only worth a second parse when something has to be pointed at.
  let tree: Node | undefined;
  let lines: ((offset: number) => number) | undefined;
  const lineOf = (list: string, index: number) => {
    tree ??= parseTree(text);
    lines ??= linesOf(text);
    return lines(findNodeAtLocation(tree!, [list, index])?.offset ?? 0);
  };
  for (const kind of KINDS) {
    const list = document[LISTS[kind]] ?? [];
    if (!Array.isArray(list)) {
      faults.push({ line: 1, why: `${LISTS[kind]} must be an array` });
      continue;
    }
    list.forEach((record: Record<string, unknown>, index) => {
      const why = check(kind, record);
      if (why)
        faults.push({ line: lineOf(LISTS[kind], index), why: `${LISTS[kind]}[${index}]${why}` });
      else {
        const entry = { ...record };
        Object.defineProperty(entry, 'line', {
          get: () => lineOf(LISTS[kind], index),
          enumerable: false,
        });
        records[kind].push(entry as Entry);
      }
    });
  }
}

function check(kind: Kind, record: unknown): string | undefined {
  const validate = validatorOf(kind);
  if (validate(record)) return undefined;
  const [error] = validate.errors!;
  const extra = error!.params.additionalProperty
    ? ` (${asText(error!.params.additionalProperty)})`
    : '';
  return `${error!.instancePath} ${error!.message}${extra}`;
}

const lineAt = (text: string, offset: number) => linesOf(text)(offset);

/** Numbers the lines of a text once; answers with the line of a place in it, counted from one. */
function linesOf(text: string): (offset: number) => number {
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) ends.push(at);
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
