// `npm run pages [FOLDER]`: every page of the demo world, as its people meet it, in three
// languages and widths, light and dark; axe on each; and one index to look at them all. Found by
// following links from the start page, one page of a kind; and the states that no link leads to.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { axeViolations, hasChromium, launch } from './support/pages/chromium.ts';
import { live, logIn, PEOPLE, STATES, type State } from './support/pages/states.ts';

const PORT = process.env.PORT ?? '3400';
const url = `http://127.0.0.1:${PORT}`;
const stage = { url, bank: `http://127.0.0.1:${Number(PORT) + 2}` };
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? 'pages');
const LANGUAGES = ['nb', 'nn', 'en'] as const;
const WIDTHS = [320, 360, 1280];
const SCHEMES = ['light', 'dark'] as const;
/** Where somebody who is logged in begins, beside the links found there. */
const STARTS = [
  '/start',
  '/parties',
  '/profile',
  '/apps',
  '/sessions',
  '/inbox',
  '/overview/people',
  '/ask',
];
/** What comes from others, by a link of theirs. */
const ALSO: Record<string, string[]> = {
  kari: [
    '/consent/request?id=3f0c1b52-0000-4000-8000-000000000002',
    '/consent/receipt?id=3f0c1b52-0000-4000-8000-000000000001',
  ],
};
/** Left alone: what ends the walk, is no page, or is somebody else's. */
const ELSEWHERE =
  /^\/(logout|login|openapi|interaction|step-up|[\w/-]+\.(csv|json)|[\w/-]+\/receipt\/file)/;

/** A kind of page: its path and what it shows, for oneself or for another. */
const kindOf = (address: string, own: string) => {
  const { pathname, searchParams } = new URL(address, url);
  const states = ['show', 'q', 'only', 'package', 'resource'].filter((name) =>
    searchParams.has(name),
  );
  const party = searchParams.get('party');
  if (party && party !== own) states.unshift('for another');
  const shown = searchParams.get('show');
  return `${pathname.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')}${states.length ? ` ${states.join('+')}` : ''}${shown ? `=${shown}` : ''}`;
};

interface Found {
  who: string;
  kind: string;
  address: string;
}

/** Logs in on the highest level, so that no page asks for more; answers with the own id. */
async function enter(page: Page, number: string): Promise<string> {
  for (const path of ['/start', '/step-up?to=/start&level=4']) {
    await page.goto(`${url}${path}`);
    await logIn(page, number);
  }
  const link = await page.getAttribute('nav a[href^="/overview?party"]', 'href');
  return link!.split('=')[1]!;
}

/** One address of each kind that a person comes to. */
async function walk(
  page: Page,
  { who, own }: { who: string; own: string },
  known: Set<string>,
): Promise<Found[]> {
  const found: Found[] = [];
  const waiting = [...STARTS, ...(ALSO[who] ?? [])];
  const seen = new Set<string>();
  while (waiting.length) {
    const address = waiting.shift()!;
    const kind = kindOf(address, own);
    if (seen.has(kind) || ELSEWHERE.test(address)) continue;
    seen.add(kind);
    const answer = await page.goto(new URL(address, url).href);
    if (!page.url().startsWith(url) || answer!.status() >= 400) continue;
    if (!known.has(kind)) found.push({ who, kind, address });
    known.add(kind);
    const links = await page.$$eval('a[href^="/"]', (all) =>
      all.map((one) => one.getAttribute('href')!),
    );
    waiting.push(...links.filter((link) => !/[?&]lang=/.test(link)));
  }
  return found;
}

interface Picture extends Found {
  file: string;
  language: string;
  width: number;
  scheme: string;
  faults: string[];
}

/** Takes it in each language, to which `reach` brings the page. */
async function take(
  page: Page,
  one: Found,
  reach: (language: string) => Promise<unknown>,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const language of LANGUAGES) {
    await reach(language);
    for (const width of WIDTHS)
      for (const scheme of SCHEMES) {
        await page.setViewportSize({ width, height: 640 });
        await page.emulateMedia({ colorScheme: scheme });
        const name = `${one.who}-${one.kind}`.replaceAll(/[^a-z0-9=+-]+/gi, '_');
        const file = `${name}-${language}-${width}-${scheme}.png`;
        await page.screenshot({ path: join(folder, file), fullPage: true });
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        const faults = [
          ...(await axeViolations(page)),
          ...(wide > 0 ? [`${wide} pixels too wide`] : []),
        ];
        pictures.push({ ...one, file, language, width, scheme, faults });
      }
  }
  return pictures;
}

/** The states of one person, logged in as most are; they are reached anew in each language. */
async function takeStates(browser: Browser, who: State['who']): Promise<Picture[]> {
  const context = await browser.newContext({ locale: 'nb-NO' });
  const page = await context.newPage();
  if (who !== 'nobody') {
    await page.goto(`${url}/start`);
    await logIn(page, PEOPLE[who]);
  }
  const taken: Picture[] = [];
  for (const { kind, reach } of STATES.filter((one) => one.who === who)) {
    const found = { who, kind, address: '' };
    taken.push(
      ...(await take(page, found, async (language) => {
        await page.goto(`${url}/help?lang=${language}`);
        await reach(page, stage);
      })),
    );
    console.log(`${who} ${kind}`);
  }
  await context.close();
  return taken;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function indexOf(pictures: Picture[]): string {
  const kinds = Map.groupBy(pictures, ({ who, kind }) => `${who}: ${kind}`);
  const sections = [...kinds].map(
    ([kind, all]) =>
      `<h2>${escaped(kind)}</h2><div>${all
        .map(
          ({ file, language, width, scheme, faults }) =>
            `<figure><a href="${file}"><img loading="lazy" src="${file}" alt=""></a><figcaption>${language} ${width} ${scheme}${faults.map((fault) => `<br><b>${escaped(fault)}</b>`).join('')}</figcaption></figure>`,
        )
        .join('')}</div>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages</title>
<style>div{display:flex;flex-wrap:wrap;gap:1rem;align-items:start}figure{margin:0}img{width:220px;border:1px solid #888}b{color:#b00}</style>
<h1>${pictures.length} pictures of ${kinds.size} pages</h1>${sections.join('\n')}</html>\n`;
}

async function pictures(browser: Browser): Promise<Picture[]> {
  const taken: Picture[] = [];
  const known = new Set<string>();
  for (const [who, number] of Object.entries(PEOPLE)) {
    const context = await browser.newContext({ locale: 'nb-NO' });
    const page = await context.newPage();
    const own = await enter(page, number);
    for (const one of await walk(page, { who, own }, known)) {
      const separator = one.address.includes('?') ? '&' : '?';
      const reach = (language: string) =>
        page.goto(`${url}${one.address}${separator}lang=${language}`);
      taken.push(...(await take(page, one, reach)));
      console.log(`${who} ${one.kind}`);
    }
    await context.close();
  }
  for (const who of new Set(STATES.map((one) => one.who)))
    taken.push(...(await takeStates(browser, who)));
  return taken;
}

if (!hasChromium) throw new Error('no Chromium (Debian: apt-get install chromium)');
mkdirSync(folder, { recursive: true });
const server = spawn(process.execPath, ['server/main.ts'], {
  cwd: root,
  env: {
    ...process.env,
    PORT,
    METRICS_PORT: '0',
    DATA_DIR: mkdtempSync(join(tmpdir(), 'tillit-pages-')),
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) break;
    if (tries > 120) throw new Error('the server did not start');
    await new Promise((done) => setTimeout(done, 500));
  }
  const browser = await launch();
  const first = await (await browser.newContext({ locale: 'nb-NO' })).newPage();
  await live(first, stage);
  await first.context().close();
  const all = await pictures(browser);
  await browser.close();
  writeFileSync(join(folder, 'index.html'), indexOf(all));
  const faulty = all.filter(({ faults }) => faults.length);
  for (const { file, faults } of faulty) console.log(`${file}: ${faults.join('; ')}`);
  console.log(
    `${all.length} pictures, ${faulty.length} with faults: ${join(folder, 'index.html')}`,
  );
  process.exitCode = faulty.length ? 1 : 0;
} finally {
  server.kill('SIGTERM');
}
