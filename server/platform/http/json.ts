// JSON of others, read within bounds and piece by piece, so that no body holds the thread, however
// it is made. It knows no field names.
import { Fault, fault } from '../errors.ts';
import { createPace, type Pace } from '../pace.ts';

/** Deep enough for every document of ours; what is deeper is made to exhaust whoever walks it. */
const DEEPEST = 32;
/** Members of one object or list: twice the largest batch. */
const MOST_MEMBERS = 20_000;
/** Characters that are read at once. */
const PIECE = 32 * 1024;

const [QUOTE, ESCAPE, COMMA, BRACE, BRACKET, CLOSED_BRACE, CLOSED_BRACKET] = [...'"\\,{[}]'].map(
  (sign) => sign.charCodeAt(0),
) as [number, number, number, number, number, number, number];

/**
 * The value of a JSON text in UTF-8 (RFC 8259), as JSON.parse reads it. TIL-00001 for what is none;
 * TIL-00014 for what is too deep, has too many members, or has text that no database keeps.
 */
export async function parseJson(bytes: Uint8Array): Promise<unknown> {
  const pace = createPace();
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    await checkBounds(bytes, pace);
    return await read(text, pace);
  } catch (cause) {
    throw cause instanceof Fault ? cause : fault('TIL-00001', { cause });
  }
}

/** Signs that are looked at in one go. */
const STRETCH = 256 * 1024;

/** Throws before anything is made of it. */
async function checkBounds(bytes: Uint8Array, pace: Pace): Promise<void> {
  /** Members of each object and list that is open. */
  const open: number[] = [];
  let quoted = false;
  let rest = STRETCH;
  for (let at = 0; at < bytes.length; at += 1) {
    if ((rest -= 1) === 0) {
      rest = STRETCH;
      await pace();
    }
    const sign = bytes[at]!;
    if (quoted) {
      if (sign === ESCAPE) at += 1;
      else if (sign === QUOTE) quoted = false;
    } else if (sign === QUOTE) quoted = true;
    else if (sign === BRACE || sign === BRACKET) {
      open.push(1);
      if (open.length > DEEPEST) throw fault('TIL-00014', { because: `deeper than ${DEEPEST}` });
    } else if (sign === CLOSED_BRACE || sign === CLOSED_BRACKET) open.pop();
    else if (sign === COMMA && open.length && (open[open.length - 1]! += 1) > MOST_MEMBERS)
      throw fault('TIL-00014', { because: `more than ${MOST_MEMBERS} members` });
  }
}

/** A short text at once, a long one by its members: as many together as are a piece. */
async function read(text: string, pace: Pace): Promise<unknown> {
  const [start, end] = [skip(text, 0, 1), skip(text, text.length - 1, -1)];
  const isList = text[start] === '[';
  const isLong = end - start > PIECE;
  if (isLong && text[start] === '"' && endOfText(text, start) === end)
    return readText(text.slice(start, end + 1), pace);
  if (!isLong || (!isList && text[start] !== '{')) return atOnce(text);
  if (text[end] !== (isList ? ']' : '}')) throw new SyntaxError('an end is missing');
  const whole: unknown[] | Record<string, unknown> = isList ? [] : {};
  const around = (piece: string) => atOnce(isList ? `[${piece}]` : `{${piece}}`);
  let begin = start + 1;
  for (const found of membersOf(text, start, end)) {
    if (!found) {
      await pace();
      continue;
    }
    const [from, to] = found;
    const isAlone = to - from > PIECE;
    if (isAlone && from > begin) await put(text.slice(begin, from - 1));
    if (isAlone)
      add(whole, isList ? [await read(text.slice(from, to), pace)] : await member(from, to));
    else if (to - begin <= PIECE && to < end) continue;
    else await put(text.slice(begin, to));
    begin = to + 1;
  }
  return whole;

  async function put(piece: string): Promise<void> {
    // Between two commas something stands.
    if (skip(piece, 0, 1) === piece.length && piece.length < end - start - 1) {
      throw new SyntaxError('a member is missing');
    }
    add(whole, around(piece) as object);
    await pace();
  }

  /** A member that is long itself: its name, and its value by pieces. */
  async function member(from: number, to: number): Promise<object> {
    const name = skip(text, from, 1);
    const after = endOfText(text, name) + 1;
    const colon = skip(text, after, 1);
    if (text[name] !== '"' || text[colon] !== ':') throw new SyntaxError('a name is missing');
    const key = (await readText(text.slice(name, after), pace)) as string;
    return Object.fromEntries([[key, await read(text.slice(colon + 1, to), pace)]]);
  }
}

/**
 * Where each member of the object or list between the two places begins and ends; undefined each
 * time that there is a stretch behind.
 */
function* membersOf(
  text: string,
  start: number,
  end: number,
): Generator<[number, number] | undefined> {
  let depth = 0;
  let from = start + 1;
  let rest = STRETCH;
  for (let at = from; at < end; at += 1) {
    if ((rest -= 1) === 0) {
      rest = STRETCH;
      yield undefined;
    }
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfText(text, at);
    else if (sign === BRACE || sign === BRACKET) depth += 1;
    else if (sign === CLOSED_BRACE || sign === CLOSED_BRACKET) depth -= 1;
    else if (sign === COMMA && depth === 0) {
      yield [from, at];
      from = at + 1;
    }
    if (depth < 0) throw new SyntaxError('an end too many');
  }
  yield [from, end];
}

/** A text in quotes, by pieces that end in no escape and between no two halves of a pair. */
async function readText(text: string, pace: Pace): Promise<string> {
  const end = text.length - 1;
  const parts: string[] = [];
  for (let from = 1; from < end; ) {
    const to = from + PIECE < end ? whereToCut(text, from + PIECE) : end;
    parts.push(atOnce(`"${text.slice(from, to)}"`) as string);
    await pace();
    from = to;
  }
  return parts.join('');
}

/** The nearest place before this one where a text may be cut. */
function whereToCut(text: string, place: number): number {
  let cut = place;
  const before = text.lastIndexOf('\\', cut - 1);
  if (before > cut - 6) {
    const begin = isEscaped(text, before) ? before - 1 : before;
    if (begin + (text[begin + 1] === 'u' ? 6 : 2) > cut) cut = begin;
  }
  const isHigh = /\\u[dD][89abAB][\da-fA-F]{2}$/.test(text.slice(cut - 6, cut));
  if (isHigh && !isEscaped(text, cut - 6)) return cut - 6;
  return /[\uD800-\uDBFF]$/.test(text.slice(cut - 1, cut)) ? cut - 1 : cut;
}

/** Where the text in quotes that begins here ends. */
function endOfText(text: string, quote: number): number {
  let at = quote;
  do {
    at = text.indexOf('"', at + 1);
    if (at < 0) throw new SyntaxError('a text without an end');
  } while (isEscaped(text, at));
  return at;
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === ESCAPE) before -= 1;
  return (at - before) % 2 === 0;
}

/** The first place from here, forth or back, that is no white space (RFC 8259 §2). */
function skip(text: string, from: number, step: 1 | -1): number {
  let at = from;
  while (' \t\n\r'.includes(text.charAt(at)) && text[at] !== undefined) at += step;
  return at;
}

function add(whole: unknown[] | Record<string, unknown>, part: unknown[] | object): void {
  if (Array.isArray(whole)) {
    for (const item of part as unknown[]) whole.push(item);
    return;
  }
  for (const [key, value] of Object.entries(part)) {
    if (key !== '__proto__') whole[key] = value;
    else
      Object.defineProperty(whole, key, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
  }
}

/** Characters that can only come escaped: NUL, and halves of a surrogate pair. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/**
 * Once parsed and printed again, whole pairs are characters, and what is escaped still is no text
 * that a database keeps.
 */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function atOnce(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (ESCAPED.test(text) && UNSTORABLE.test(JSON.stringify(value)))
    throw fault('TIL-00014', { because: 'NUL or half a surrogate pair' });
  return value;
}
