/** A real browser with a profile of its own, and what tests ask it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { ROOT } from '../../http/rig.ts';

const EXECUTABLE = '/usr/bin/chromium';
/** Nothing is asked of the network but what a page asks. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-swiftshader', // WebGL without a GPU
];
const ARTIFACTS = join(ROOT, 'artifacts', 'viewer');

/** Made by scripts/setup-browser and scripts/setup; CI has both. */
export const HAS_BROWSER = has(EXECUTABLE) && has(join(ROOT, 'gateway', 'dist', 'web', 'index.html'));

function has(path: string): boolean {
  if (existsSync(path)) return true;
  const missing = `no ${path}: run scripts/setup-browser and scripts/setup`;
  if (process.env.CI === 'true') throw new Error(missing);
  console.warn(`tests in a browser are skipped: ${missing}`);
  return false;
}

export interface Look {
  readonly page: Page;
  /** What the page's console and its scripts complained of. */
  readonly complaints: string[];
  /** Addresses other than the gateway's that the page asked for. */
  readonly strangers: string[];
  close(): Promise<void>;
}

export interface LookOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'dark' | 'light';
}

export async function openPage(
  url: string,
  { width = 1280, height = 900, theme = 'dark' }: LookOptions = {},
): Promise<Look> {
  const profile = mkdtempSync(join(tmpdir(), 'pose-browser-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: FLAGS,
    viewport: { width, height },
    colorScheme: theme,
    acceptDownloads: true,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The browser tells of every answer that says no; the page tells of those in words.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) strangers.push(request.url());
  });
  await page.goto(url);
  return {
    page,
    complaints,
    strangers,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Keeps a picture of the whole page for people to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
}

export function artifact(name: string): string {
  mkdirSync(ARTIFACTS, { recursive: true });
  return join(ARTIFACTS, name);
}

const AXE = createRequire(import.meta.url)('axe-core') as { readonly source: string };

/** What axe finds wrong: rule, and the elements it is about; and whether the page is wider than the screen. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const result = await axe.run();
    const { scrollWidth, clientWidth } = document.documentElement;
    const tooWide =
      scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide on a screen of ${clientWidth}`] : [];
    const found = result.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
    return [...found, ...tooWide];
  });
}
