// Where a rule could be forgotten: each guard and each condition of a file, with what is left when
// it is. Found in the source without its types, whose places are those of the file.
import { stripTypeScriptTypes } from 'node:module';
import { parse, type Node } from 'acorn';
import { ancestor } from 'acorn-walk';

/** One thing that can be left out; the text stands instead of the part of the source. */
export interface Site {
  file: string;
  line: number;
  /** The condition, without line breaks. */
  source: string;
  instead: 'true' | 'false';
  start: number;
  end: number;
}

type Any = any;
const PREDICATES = new Set(['filter', 'some', 'every', 'find', 'findIndex', 'findLast']);
const COMPARING = new Set(['===', '!==', '<', '>', '<=', '>=', 'in', 'instanceof']);

const isComparison = (node: Any): boolean =>
  (node.type === 'BinaryExpression' && COMPARING.has(node.operator)) ||
  (node.type === 'UnaryExpression' && node.operator === '!');

/** Sites of a file in order. A guard is left out by `false`, a condition by what is neutral. */
export function sitesOf(file: string, text: string): Site[] {
  const source = stripTypeScriptTypes(text);
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
  const sites = new Map<string, Site>();
  const add = (node: Any, instead: Site['instead']) => {
    sites.set(`${node.start} ${node.end} ${instead}`, {
      file,
      line: source.slice(0, node.start).split('\n').length,
      source: text.slice(node.start, node.end).replace(/\s+/g, ' '),
      instead,
      start: node.start,
      end: node.end,
    });
  };
  /** What a value that is only asked whether it is true is made of. */
  const condition = (node: Any, whole: Site['instead']) => {
    add(node, whole);
    operands(node);
  };
  const operands = (node: Any) => {
    if (node.type !== 'LogicalExpression' || node.operator === '??') return;
    for (const side of [node.left, node.right]) {
      // In a chain of the same kind each link is told once.
      if (side.type === 'LogicalExpression' && side.operator === node.operator) operands(side);
      else condition(side, node.operator === '&&' ? 'true' : 'false');
    }
  };
  ancestor(tree, {
    IfStatement: (node: Any) => condition(node.test, 'false'),
    ConditionalExpression: (node: Any) => {
      condition(node.test, 'false');
      add(node.test, 'true');
    },
    LogicalExpression: (node: Any) => operands(node),
    ReturnStatement: (node: Any) => {
      if (node.argument && isComparison(node.argument)) add(node.argument, 'true');
    },
    ArrowFunctionExpression: (node: Any, _state: unknown, ancestors: Node[]) => {
      if (!node.expression) return;
      const call = ancestors.at(-2) as Any;
      const isPredicate =
        call?.type === 'CallExpression' && PREDICATES.has(call.callee.property?.name);
      if (isPredicate || isComparison(node.body)) add(node.body, 'true');
    },
  });
  return [...sites.values()].sort((a, b) => a.start - b.start || b.end - a.end);
}

/**
 * The source with a switch at each site: the site whose index the process names is left out, and
 * each that is come by is told.
 */
export function switched(text: string, sites: Site[], first: number): string {
  const source = stripTypeScriptTypes(text);
  const marks = sites.flatMap((site, index) => {
    const number = first + index;
    const { start, end, instead } = site;
    const size = end - start;
    return [
      { at: start, isEnd: false, size, index, text: `(mutant(${number}) ? ${instead} : (` },
      { at: end, isEnd: true, size, index, text: '))' },
    ];
  });
  // Outer ones open first and close last; of the same part, the one that came first is outside.
  marks.sort(
    (a, b) =>
      a.at - b.at ||
      Number(b.isEnd) - Number(a.isEnd) ||
      (a.isEnd ? a.size - b.size || b.index - a.index : b.size - a.size || a.index - b.index),
  );
  let out = '';
  let from = 0;
  for (const mark of marks) {
    out += source.slice(from, mark.at) + mark.text;
    from = mark.at;
  }
  return out + source.slice(from);
}
