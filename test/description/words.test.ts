// The description's words: each member and parameter has a sentence of its own, which says more
// than its name, and no sentence stands for two things.
import assert from 'node:assert/strict';
import words from '../../server/description/words.json' with { type: 'json' };
import { call } from '../support/world.ts';

type Node = Record<string, any>;

/** Words that say nothing by themselves. */
const EMPTY = new Set('a an the of in by for to and or is it its with one'.split(' '));
const wordsIn = (text: string): string[] =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/[a-z]+/g)
    ?.filter((word) => !EMPTY.has(word)) ?? [];

describe('the words of the description', () => {
  const said: [where: string, name: string, sentence: string | undefined][] = [];
  before(async () => {
    const { body } = await call('GET', '/openapi.json');
    const walk = (node: any, where: string): void => {
      if (node === null || typeof node !== 'object') return;
      const properties: Node = Array.isArray(node) ? {} : (node.properties ?? {});
      for (const [name, member] of Object.entries<Node>(properties)) {
        said.push([`${where}.${name}`, name, member.description]);
        walk(member, `${where}.${name}`);
      }
      for (const [key, value] of Object.entries(node))
        if (!['properties', 'example'].includes(key)) walk(value, where);
    };
    for (const [name, schema] of Object.entries(body.components.schemas)) walk(schema, name);
    for (const operation of Object.values<Node>(body.paths).flatMap((one) => Object.values(one))) {
      const { operationId: id, parameters, requestBody = {}, responses } = operation;
      for (const { name, description } of body.tags) said.push([`#${name}`, name, description]);
      for (const { name, description } of parameters)
        said.push([`${id}?${name}`, name, description]);
      walk(requestBody, id);
      walk(responses, id);
    }
  });

  it('are there for every member and parameter', () => {
    assert.ok(said.length > 1_500, `${said.length}`);
    const silent = said.filter(([, , sentence]) => !sentence).map(([where]) => where);
    assert.deepEqual(silent, []);
  });

  it('say more than the name does', () => {
    const idle = said
      .filter(([, name, sentence = '']) => {
        const own = wordsIn(name);
        return wordsIn(sentence).every((word) => own.includes(word));
      })
      .map(([where]) => where);
    assert.deepEqual(idle, []);
  });

  it('stand for one thing each, and for something', () => {
    const all = [words.members, words.parameters, words.tags].flatMap((some) =>
      Object.values(some),
    );
    const twice = all.filter((sentence, at) => all.indexOf(sentence) !== at);
    assert.deepEqual(twice, []);
    const used = new Set(said.map(([, , sentence]) => sentence));
    assert.deepEqual(
      all.filter((sentence) => !used.has(sentence)),
      [],
    );
  });
});
