import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyPageState, type PageState, withRun } from '../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../lambdas/core/page/render-page.ts';
import { nightAfter, type NightOptions, pageSettings, pageTemplate } from '../support/page-nights.ts';

const folder = mkdtempSync(join(tmpdir(), 'page-'));
let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const error = {
  code: 'forbidden',
  message: 'The key lacks the scope campaigns.read. Give the key that scope.',
  requestId: 'req_1',
};
const nights: Readonly<Record<string, NightOptions>> = {
  complete: { tables: { leads: { rowsHealed: 3 } } },
  partial: {
    tables: { campaigns: { status: 'partial', error }, campaign_runs: { status: 'failed', error } },
    problems: [{ problem: 'ScopeMissing', message: error.message, tables: ['campaigns', 'campaign_runs'] }],
    notBegun: { campaigns: undefined, campaign_runs: 26 },
  },
  failed: {
    tables: Object.fromEntries(pageSettings.streams.map(({ name }) => [name, { status: 'failed' as const, error }])),
    problems: [{ problem: 'KeyRefused', message: 'The API refused the key.', tables: ['leads'] }],
  },
};

function stateOf(last: NightOptions): PageState {
  let state = emptyPageState;
  for (let night = 0; night < 40; night += 1) state = withRun(state, nightAfter(night));
  state = withRun(state, nightAfter(40, last));
  const weeks = Object.fromEntries(
    Array.from({ length: 20 }, (_, back) => {
      const week = new Date(Date.UTC(2026, 1, 9) - back * 7 * 86_400_000).toISOString().slice(0, 10);
      return [week, { email: 40 + back, sms: 7, whatsapp: back }];
    }),
  );
  const counts = { rows: 19_000, isTrue: 4_100, weeks, contacted: 12_000, answered: 5_000, edges: [] };
  const counted = { at: '2026-02-10T02:20:00.000Z', isWhole: true, files: { f: counts } };
  return { ...state, counted: { leads: counted, lead_messages: counted, campaign_runs: counted } };
}

async function open(
  name: string,
  { localFlags = '', ...options }: { scheme: 'light' | 'dark'; width: number; localFlags?: string },
): Promise<{ page: Page; faults: string[] }> {
  const path = join(folder, `${name}.html`);
  const now = new Date('2026-02-10T02:30:00.000Z');
  const settings = { ...pageSettings, localFlags };
  writeFileSync(path, renderPage(stateOf(nights[name] ?? {}), settings, pageTemplate, now));
  const context = await browser.newContext({
    colorScheme: options.scheme,
    viewport: { width: options.width, height: 800 },
    offline: true,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => faults.push(message.text()));
  await page.goto(pathToFileURL(path).href);
  return { page, faults };
}

describe.each([
  { name: 'complete', scheme: 'light', width: 1280 },
  { name: 'partial', scheme: 'light', width: 1280 },
  { name: 'partial', scheme: 'dark', width: 1280 },
  { name: 'partial', scheme: 'light', width: 360 },
  { name: 'failed', scheme: 'dark', width: 360 },
] as const)('the page after a night that is $name, in $scheme, $width pixels wide', ({ name, ...options }) => {
  it('draws every chart, within its width, and axe finds nothing', async () => {
    const { page, faults } = await open(name, options);
    await page.waitForFunction("document.querySelectorAll('figure .plot > svg').length === 7");
    expect(faults).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    // Opens only a few entries of the catalogue, because all entries are alike.
    await page.evaluate(
      "for (const each of document.querySelectorAll('details:not(.table), #t-leads, #t-child_reads')) each.open = true",
    );
    // Evaluated directly, because the page's policy forbids another script element.
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
    );
    expect(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))])).toEqual(
      [],
    );
    await page.context().close();
  });
});

describe('the page', () => {
  it('makes no request', async () => {
    const { page } = await open('partial', { scheme: 'light', width: 1280 });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    await page.waitForSelector('figure .plot > svg');
    expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([page.url()]);
    await page.context().close();
  });

  it('cannot make one', async () => {
    const { page } = await open('partial', { scheme: 'light', width: 1280 });
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.evaluate(() => fetch('https://example.com/').catch(() => {}));
    expect(said.join('\n')).toContain('Content Security Policy');
    await page.context().close();
  });

  it('says that a night is missing once it is', async () => {
    const { page } = await open('complete', { scheme: 'light', width: 1280 });
    // The nights of the test are long past, so the page says that a run is missing.
    await page.waitForSelector('#run-missing', { state: 'visible' });
    expect(await page.locator('#run-missing').innerText()).toContain('Run missing');
    expect(await page.locator('main').innerText()).not.toContain('Nothing needs you');
    expect(await page.locator('h1').innerText()).not.toContain('Every table is up to date');
    await page.clock.setFixedTime(new Date('2026-02-10T12:00:00.000Z'));
    await page.reload();
    await page.waitForSelector('figure .plot > svg');
    expect(await page.locator('#run-missing').isVisible()).toBe(false);
    await page.context().close();
  });

  it('keeps the labels of days apart, also if a day has several runs', async () => {
    let state = emptyPageState;
    for (let run = 0; run < 12; run += 1) state = withRun(state, nightAfter(run / 3));
    const path = join(folder, 'thrice.html');
    writeFileSync(path, renderPage(state, pageSettings, pageTemplate, new Date('2026-01-05T03:00:00.000Z')));
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('figure[data-chart=nights] .plot > svg');
    for (const chart of ['nights', 'requests']) {
      const labels = await page.locator(`figure[data-chart=${chart}] svg text`).all();
      const boxes = await Promise.all(
        labels.map(async (label) => ({ text: await label.textContent(), box: await label.boundingBox() })),
      );
      const days = boxes.filter(({ text }) => /^\d+ Jan$/.test(text ?? ''));
      expect(new Set(days.map(({ text }) => text)).size).toBe(days.length);
      expect(days.length).toBeGreaterThan(1);
      for (const [at, { box }] of days.entries()) {
        const next = days[at + 1]?.box;
        if (box && next) expect(box.x + box.width).toBeLessThan(next.x);
      }
    }
    await page.context().close();
  });

  it('has one line for each table on a phone, also after a night that read none', async () => {
    const { page } = await open('failed', { scheme: 'light', width: 360 });
    const tallest = await page.evaluate(
      "Math.max(...[...document.querySelectorAll('table.tables tbody tr')].map((row) => row.getBoundingClientRect().height))",
    );
    expect(tallest).toBeLessThan(45);
    await page.context().close();
  });

  it.each(['complete', 'partial'])(
    'shows on a phone up to when each table was read, after a %s night',
    async (name) => {
      const { page } = await open(name, { scheme: 'light', width: 390 });
      const right = await page.evaluate(
        "Math.max(...[...document.querySelectorAll('table.tables tr:not(.why) > :nth-child(3)')].map((cell) => { const text = document.createRange(); text.selectNodeContents(cell); return text.getBoundingClientRect().right; }))",
      );
      expect(right).toBeGreaterThan(200);
      expect(right).toBeLessThanOrEqual(390);
      await page.context().close();
    },
  );

  it('shows the whole of each error on a phone, also while the table is scrolled', async () => {
    const { page } = await open('partial', { scheme: 'light', width: 360 });
    for (const scrolled of [0, 200]) {
      await page.evaluate(`document.querySelector('.scroll:has(.tables)').scrollLeft = ${scrolled}`);
      const boxes = await Promise.all(
        (await page.locator('.tables .error').all()).map(async (error) => error.boundingBox()),
      );
      expect(boxes).toHaveLength(2);
      for (const box of boxes) {
        expect(box?.x).toBeGreaterThanOrEqual(0);
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
      }
    }
    await page.context().close();
  });

  it('marks tables that were not read in the chart of the night, within its width', async () => {
    const { page } = await open('partial', { scheme: 'light', width: 360 });
    await page.waitForSelector('figure[data-chart=timeline] .plot > svg');
    const plot = page.locator('figure[data-chart=timeline] .plot');
    const texts = await plot.locator('svg text').allTextContents();
    expect(texts).toEqual(expect.arrayContaining(['✕ last read 1 d 2 h earlier', '▲ never read']));
    expect(await plot.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0);
    await page.context().close();
  });

  it('shows the whole of each command, and breaks it only between words', async () => {
    for (const width of [360, 1280]) {
      const localFlags = ' --local --out ../the-folder-of-a-lake';
      const { page } = await open('failed', { scheme: 'light', width, localFlags });
      const outside = await page.evaluate(
        "[...document.querySelectorAll('.command')].filter((command) => command.scrollWidth > command.clientWidth).length",
      );
      expect(outside).toBe(0);
      const words = page.locator('#problems > .problem .command code > span:visible');
      const heights = new Set(await words.evaluateAll((all) => all.map((word) => word.clientHeight)));
      expect(heights.size).toBe(1);
      expect(await words.allInnerTexts()).toContain('../the-folder-of-a-lake');
      await page.context().close();
    }
  });

  it('ends the cards and the commands below them at one edge', async () => {
    const { page } = await open('failed', { scheme: 'light', width: 1280, localFlags: ' --local' });
    const boxes = page.locator('#problems > .problem, #problems > .source .copied');
    const found = await Promise.all((await boxes.all()).map(async (box) => box.boundingBox()));
    const edges = found.map((box) => Math.round((box?.x ?? 0) + (box?.width ?? 0)));
    expect(edges.length).toBeGreaterThan(1);
    expect(new Set(edges).size).toBe(1);
    await page.context().close();
  });

  it('copies a command by the keyboard, as it stands there, and says so', async () => {
    const { page, faults } = await open('failed', { scheme: 'light', width: 360 });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const command = page.locator('#problems > .problem .command').first();
    const text = await command.innerText();
    const button = page.locator('#problems > .problem .copied button').first();
    expect(await button.getAttribute('aria-label')).toBe(`Copy ${text}`);
    await button.focus();
    const width = (await button.boundingBox())?.width;
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
    expect(await button.innerText()).toBe('Copied');
    expect((await button.boundingBox())?.width).toBe(width);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('selects the command if the browser refuses to copy it', async () => {
    const { page } = await open('failed', { scheme: 'light', width: 1280 });
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))");
    const button = page.locator('#problems > .problem .copied button').first();
    await button.click();
    await page.getByRole('status').getByText('Selected').waitFor();
    const text = await page.locator('#problems > .problem .command').first().innerText();
    expect(await page.evaluate('getSelection().toString()')).toBe(text);
    await page.context().close();
  });

  it('has no button where there is no clipboard, and no button moves anything below it', async () => {
    const heights: unknown[] = [];
    for (const without of [false, true]) {
      const { page } = await open('failed', { scheme: 'light', width: 360 });
      if (without) {
        await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
        await page.reload();
      }
      await page.waitForSelector('figure .plot > svg');
      expect((await page.locator('button').count()) > 0).toBe(!without);
      heights.push((await page.locator('#problems').boundingBox())?.height);
      await page.context().close();
    }
    expect(heights[0]).toBe(heights[1]);
  });

  it('charts the tables in the order in which it lists them', async () => {
    const { page } = await open('partial', { scheme: 'light', width: 1280 });
    await page.waitForSelector('figure[data-chart=nights] .plot > svg');
    const listed = await page.locator('table.tables tbody th').allInnerTexts();
    const labels = await page.locator('figure[data-chart=nights] svg text').allTextContents();
    expect(labels.filter((label) => listed.includes(label))).toEqual(listed);
    await page.context().close();
  });

  it('tells the nights of a day apart', async () => {
    const { page } = await open('complete', { scheme: 'light', width: 1280 });
    await page.waitForSelector('figure[data-chart=nights] .plot > svg');
    const titles = await page.locator('figure[data-chart=nights] svg title').allTextContents();
    expect(titles[0]).toMatch(/^\w+, \d+ \w+, 02:00 UTC: \w+$/);
    await page.context().close();
  });

  it('has its tables and problems also without a script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await open('partial', { scheme: 'light', width: 1280 });
    await page.goto(pathToFileURL(join(folder, 'partial.html')).href);
    expect(await page.locator('h1').innerText()).toContain(
      'The last night left 2 tables incomplete. The others are as of ',
    );
    expect(await page.locator('#problems > .problem').first().innerText()).toContain('campaigns.read');
    expect(await page.locator('table.tables tbody tr:not(.why)').count()).toBe(pageSettings.streams.length);
    await context.close();
  });
});
