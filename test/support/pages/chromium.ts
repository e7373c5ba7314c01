// Debian's Chromium, headless, driven by playwright-core; undefined where the machine has none.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const executablePath = ['chromium-headless-shell', 'chromium', 'chromium-browser']
  .map((name) => `/usr/bin/${name}`)
  .find(existsSync);
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

export const hasChromium = executablePath !== undefined;

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executablePath!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/**
 * WCAG 2.2 A and AA and best practice; evaluated outside the page's CSP, in the page's own context.
 */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  // Only these come out of the page: all that passes is many times as much.
  const violations = await page.evaluate(async () => {
    const result = await (globalThis as any).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return result.violations;
  });
  return violations.map(
    (violation: any) =>
      `${violation.id}: ${violation.nodes
        .map((node: { html: string }) => node.html)
        .join(' | ')
        .slice(0, 300)}`,
  );
}
