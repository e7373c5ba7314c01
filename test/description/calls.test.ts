// The calls on `/docs`, made as they stand and in the order of the page, against the demo as it
// starts: each is answered, with nothing but what the page shows.
import assert from 'node:assert/strict';
import { parse } from 'node-html-parser';
import { EXAMPLES } from '../../server/description/example_model.ts';
import { startDemo, type Demo } from '../support/run/demo.ts';

/** Operations whose example is refused, as the demo's world cannot do more. */
const REFUSED = new Set(
  EXAMPLES.flatMap(({ id, status = 200 }) => (status >= 400 && !/userinfo/.test(id) ? [id] : [])),
);

/** A token is asked for once a minute, caller and scope; a refusal is a failure of its call. */
const KEEPING = [
  `eval "$(declare -f demo | sed '1s/demo/fresh/')"`,
  'demo() {',
  'case "$*" in *--a*) fresh "$@"; return;; esac',
  'local kept="$HOME/$(echo "$*" | tr "/" ".")"',
  'find "$kept" -mmin -1 2>/dev/null | grep -q . || fresh "$@" > "$kept"',
  'cat "$kept"; }',
  'curl() { command curl --fail-with-body "$@"; }',
  'set -o pipefail',
].join('\n');

describe('the calls of /docs', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo?.stop());

  it('run as the page shows them, one after the other', async () => {
    const shown = await fetch(`http://127.0.0.1:${demo.at}/docs?lang=en`);
    const page = parse(await shown.text(), { blockTextElements: { script: true, style: true } });
    const [helpers, ...others] = page.querySelectorAll('pre.calls').map(({ text }) => text);
    const ids = page.querySelectorAll('details.docs').map((one) => one.getAttribute('id')!);
    assert.equal(ids.length, others.length);
    const shell = demo.shell();
    await shell.run(helpers!);
    await shell.run(KEEPING);
    const wrong: string[] = [];
    for (const [index, id] of ids.entries()) {
      const { said, code } = await shell.run(others[index]!);
      const isRefused = code !== 0;
      if (isRefused !== REFUSED.has(id))
        wrong.push(`${id}: ${others[index]}\n${said.slice(0, 400)}`);
    }
    shell.end();
    assert.deepEqual(wrong, []);
  });
});
