// XML as a small tree, read a piece at a time: no document type, no entities but the five, no
// instructions, and bounds on depth and number before anything is made of it. It knows no
// vocabulary.
import { SaxesParser } from 'saxes';
import type { Pace } from '../../platform/pace.ts';

export interface Element {
  name: string;
  namespace: string;
  attributes: Map<string, string>;
  children: Element[];
  /** The text directly inside. */
  text: string;
}

/** Why it is no XML that is read here. */
export class XmlFault extends Error {}

const DEEPEST = 20;
const MOST_ELEMENTS = 100_000;
const PIECE = 16_384;

/** The root; XmlFault for everything else. */
export async function readXml(xml: string, pace: Pace): Promise<Element> {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Element[] = [];
  let root: Element | undefined;
  let count = 0;
  const refuse = (why: string): never => {
    throw new XmlFault(why);
  };
  parser.on('doctype', () => refuse('a document type is not allowed'));
  parser.on('processinginstruction', () => refuse('a processing instruction is not allowed'));
  parser.on('error', (error) => refuse(`not XML: ${error.message.slice(0, 200)}`));
  parser.on('opentag', ({ local, uri, attributes }) => {
    count += 1;
    if (open.length >= DEEPEST || count > MOST_ELEMENTS)
      refuse(`it has more than ${MOST_ELEMENTS} elements, or is deeper than ${DEEPEST}`);
    const element: Element = {
      name: local,
      namespace: uri,
      attributes: plain(attributes),
      children: [],
      text: '',
    };
    (open.at(-1)?.children ?? []).push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const text = (value: string) => {
    const inside = open.at(-1);
    if (inside) inside.text += value;
  };
  parser.on('text', text);
  parser.on('cdata', text);
  for (let at = 0; at < xml.length; at += PIECE) {
    parser.write(xml.slice(at, at + PIECE));
    await pace();
  }
  parser.close();
  // The parser has reported a document without a root.
  return root!;
}

/** Attributes without a namespace, by name. */
const plain = (attributes: Record<string, { uri: string; local: string; value: string }>) =>
  new Map(
    Object.values(attributes)
      .filter(({ uri }) => uri === '')
      .map(({ local, value }) => [local, value]),
  );
