// Laws of what people read: views, words in three languages, and codes.
import assert from 'node:assert/strict';
import { IntlMessageFormat } from 'intl-messageformat';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, files, text, server } from './support/run/source.ts';

describe('the views', () => {
  const BLOCKS =
    /<(?:html|head|body|nav|[uo]l|li|div|section|header|main|footer|form|fieldset|table|thead|tbody|tr|t[hd]|figure|details|dl|p|h[1-6]|button|label|input|meta|link)\b/g;

  it('have one element a line, within 160 columns', () => {
    for (const file of files('views', /\.hbs$/)) {
      text(file)
        .split('\n')
        .forEach((line, index) => {
          assert.ok(line.length <= 160, `${file}:${index + 1} is ${line.length} long`);
          assert.ok(
            (line.match(BLOCKS) ?? []).length <= 1,
            `${file}:${index + 1} has several elements`,
          );
        });
    }
  });
});

describe('the words', () => {
  const languages = ['nb', 'nn', 'en'];
  const keys = (value: unknown, prefix = ''): string[] =>
    typeof value === 'string'
      ? [prefix]
      : Object.entries(value as object).flatMap(([key, member]) =>
          keys(member, `${prefix}.${key}`),
        );
  // What the parser of messages calls running text, and the # of a plural.
  const WORDS = [0, 7];
  type Element = { type: number; value: string; options?: Record<string, { value: Element[] }> };
  const placeholders = (value: string) => {
    const inside = (elements: Element[]): string[] =>
      elements.flatMap(({ type, value: name, options }) => [
        ...(WORDS.includes(type) ? [] : [name]),
        ...Object.values(options ?? {}).flatMap((option) => inside(option.value)),
      ]);
    return inside(
      new IntlMessageFormat(value, 'nb', undefined, { ignoreTag: true }).getAst() as Element[],
    );
  };
  const flat = (language: string, file: string) => {
    const entries: [string, string][] = [];
    const walk = (value: object, prefix: string) => {
      for (const [key, member] of Object.entries(value)) {
        if (typeof member === 'string') entries.push([`${prefix}.${key}`, member]);
        else walk(member, `${prefix}.${key}`);
      }
    };
    walk(JSON.parse(text(`views/locales/${language}/${file}`)), '');
    return new Map(entries);
  };

  // Words that nynorsk does not have.
  const BOKMAL =
    /(?<![\p{L}])(ikke|noen|fra|hvem|hva|hvor|herunder|jeg|deres|være|gjøre|virksomhet\p{L}*|\p{L}*(?<![hn])elsen?)(?![\p{L}])/iu;
  it('are nynorsk in nynorsk: ours, and the names of the catalogue', () => {
    const inNynorsk = (value: unknown): string[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([key, one]) =>
            key === 'nn' && typeof one === 'string' ? [one] : inNynorsk(one),
          );
    const catalogue = JSON.parse(text('deploy/base/1-catalogue.json'));
    const ours = files('views/locales/nn', /\.json$/).flatMap((file) => text(file).split('\n'));
    for (const line of [...inNynorsk(catalogue), ...ours])
      assert.doesNotMatch(line.replace(/^\s*"[^"]*":/, ''), BOKMAL);
  });

  it('have one form of each word, and say one word for one thing', () => {
    // Of nynorsk's several forms ours are svarer, svarte, svart, vart, igjen, formål, deg.
    const others: Record<string, RegExp> = {
      nb: /representer/i,
      nn: /representer|\bsvara\b|\bsvarar\b|\bblei\b|(?<!kjenner? (?:du )?(?:ikkje )?)\batt\b|føremål|var det ikkje du\b|(?<!den )augeblinken/i,
      en: /\bsign(?:ed|ing)?[ -](?:in|out)\b|represent (?:you|them|others)/i,
    };
    for (const language of languages)
      for (const file of files(`views/locales/${language}`, /\.json$/))
        for (const line of text(file).split('\n'))
          assert.doesNotMatch(line.replace(/^\s*"[^"]*":/, ''), others[language]!, file);
  });

  it('have the same keys in the same order, and the same values to fill in, in nb, nn and en', () => {
    const names = readdirSync(join(root, 'views/locales/nb'));
    for (const language of languages) {
      assert.deepEqual(readdirSync(join(root, `views/locales/${language}`)), names);
      for (const name of names) {
        assert.deepEqual(
          keys(JSON.parse(text(`views/locales/${language}/${name}`))),
          keys(JSON.parse(text(`views/locales/nb/${name}`))),
          `${language}/${name}`,
        );
        for (const [key, value] of flat('nb', name)) {
          assert.deepEqual(
            new Set(placeholders(flat(language, name).get(key)!)),
            new Set(placeholders(value)),
            `${language} ${name}${key}`,
          );
        }
      }
    }
  });

  it('are not in the templates, which hold keys that exist', () => {
    const known = new Set(
      readdirSync(join(root, 'views/locales/nb')).flatMap((name) =>
        [...flat('nb', name).keys()].map((key) => name.replace('.json', '') + key),
      ),
    );
    for (const file of files('views', /\.hbs$/)) {
      for (const [, key] of text(file).matchAll(/\{\{t '([^']+)'/g))
        assert.ok(known.has(key!), `${file}: ${key}`);
      const words = text(file)
        .replace(/\{\{\{.*?\}\}\}|\{\{[\s\S]*?\}\}/g, '')
        .replace(/<[^>]*>/g, '')
        .replace(/[\s·–():,.]/g, '');
      assert.equal(words, '', `${file} has words of its own`);
    }
  });

  it('are inserted raw only from our own renderers', () => {
    const raw = files('views', /\.hbs$/).flatMap((file) =>
      [...text(file).matchAll(/\{\{\{(.*?)\}\}\}/g)].map(([, what]) => `${file}: ${what!.trim()}`),
    );
    assert.deepEqual(raw.sort(), [
      'views/layout.hbs: body',
      'views/partials/shown/right.hbs: html',
      'views/partials/shown/timeline.hbs: svg',
    ]);
  });
});

describe('the codes', () => {
  it('mean one thing each', () => {
    const meanings = new Map<string, Set<string>>();
    for (const file of server.filter((name) =>
      /\/problems\.ts$|platform\/errors\.ts$/.test(name),
    )) {
      for (const [, known, detail] of text(file).matchAll(
        /^ {2}'([A-Z]+(?:\.VLD)?-\d{5})': (?:\{.*?detail: )?(["'].*?["'])(?: \})?,$/gm,
      )) {
        meanings.set(known!, (meanings.get(known!) ?? new Set()).add(detail!));
      }
    }
    assert.ok(meanings.size > 80);
    for (const [known, words] of meanings)
      assert.equal(words.size, 1, `${known}: ${[...words].join(' / ')}`);
  });
});
