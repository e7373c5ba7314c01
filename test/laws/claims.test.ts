// Each sentence that claims something names the query or decision that it speaks of.
import assert from 'node:assert/strict';
import { files, text } from '../support/run/source.ts';
import { CLAIMS } from './claims.ts';

const CLAIM = /(?<!\p{L})(ingen|ingenting|kan|bare|hver gang|like raskt)(?!\p{L})/iu;

/** The keys of texts in bokmål that claim something. */
const claiming = () =>
  files('views/locales/nb', /\.json$/).flatMap((file) => {
    const found: string[] = [];
    const walk = (value: object, key: string) => {
      for (const [name, one] of Object.entries(value))
        if (typeof one !== 'string') walk(one, `${key}.${name}`);
        else if (CLAIM.test(one)) found.push(`${key}.${name}`);
    };
    walk(JSON.parse(text(file)), file.replace(/^.*\/|\.json$/g, ''));
    return found;
  });

const rowOf = (key: string) =>
  Object.keys(CLAIMS)
    .filter((row) => key.startsWith(row))
    .sort((one, other) => other.length - one.length)[0];

describe('a sentence that claims something', () => {
  it('names what it speaks of, and nothing is named that no sentence claims', () => {
    const keys = claiming();
    assert.ok(keys.length > 150, String(keys.length));
    assert.deepEqual(
      keys.filter((key) => !rowOf(key)),
      [],
    );
    const used = new Set(keys.map(rowOf));
    assert.deepEqual(
      Object.keys(CLAIMS).filter((row) => !used.has(row)),
      [],
    );
  });

  it('names something that is there', () => {
    for (const [row, source] of Object.entries(CLAIMS)) {
      const [file, name] = source.split(' ');
      assert.match(text(file!), new RegExp(`export [^\\n]*\\b${name}\\b`), `${row}: ${source}`);
    }
  });

  it('says nowhere that one thing is as quick as another', () => {
    for (const file of files('views/locales', /\.json$/))
      assert.doesNotMatch(text(file), /like raskt|like fort|just as quick/i, file);
  });
});
