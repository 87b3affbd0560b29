import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { comparisonHtml } from "../../../modules/compare/render/html";
import { describeWithBrowser, startBrowser } from "./browser";
import {
  batchOnly,
  bill,
  comparison,
  everyColumn,
  feasible,
  fleet,
  hostile,
  impossible,
  item,
  longNames,
  manyTargets,
} from "./documents";

const DOCUMENTS = {
  comparison,
  everyColumn,
  batchOnly,
  impossible,
  hostile,
  longNames,
  manyTargets,
  fleet,
  one: () =>
    comparison({
      region: null,
      prices: { asOf: null, region: null },
      targets: [feasible("docker", { monthlyCost: bill([]) })],
      curves: [{ target: "docker", points: [{ requestsPerSecond: 0, usd: 0 }] }],
      crossovers: [],
      recommended: null,
      against: null,
    }),
  "unknown prices alone": () =>
    comparison({
      targets: [feasible("lambda", { monthlyCost: bill([item("duration", null)]) })],
      curves: [],
    }),
};

describe("the file", () => {
  test.each(Object.entries(DOCUMENTS))("%s: the same twice, with every id once", (_name, make) => {
    const page = comparisonHtml(make());
    expect(comparisonHtml(make())).toBe(page);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(id);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object /);
  });

  test("no script, no style attribute, and nothing from elsewhere", () => {
    for (const make of Object.values(DOCUMENTS)) {
      const page = comparisonHtml(make());
      expect(page).not.toMatch(/<(?:script|link|img|iframe|object|embed|form|base)\b/i);
      // Names of attributes: what stands in quotes is text.
      const attributes = [...page.matchAll(/<[a-z][\w-]*((?:[^<>"]|"[^"]*")*)>/gi)].flatMap(([, all = ""]) =>
        [...all.replace(/"[^"]*"/g, "").matchAll(/[\w:-]+/g)].map(([name]) => name),
      );
      expect(attributes.length).toBeGreaterThan(50);
      expect(
        attributes.filter((name) => /^(?:style|on\w+|src|srcset|xlink:href|action)$/i.test(name)),
      ).toEqual([]);
      expect(
        [...page.matchAll(/ href="([^"]*)"/g)].filter(([, to]) => !/^(?:#|https:\/\/)/.test(to ?? "")),
      ).toEqual([]);
    }
    expect(comparisonHtml(comparison())).toMatch(
      /http-equiv="Content-Security-Policy"\s+content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/]{43}=&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"/,
    );
  });

  test("the result in one sentence, the goal in words, limits with the nearest change, lower bounds said", () => {
    const page = comparisonHtml(comparison()).replace(/\s+/g, " ");
    expect(page).toContain("ecs-fargate meets the goal at $202 a month, $19 less than lambda");
    expect(page).toContain("switching to ecs-fargate saves $110 a month, $1,326 a year");
    expect(page).toContain("resources.memory: 6Gi");
    expect(page).toContain("at least $404");
    expect(page).toContain("Not known: the price of extended support (eks).");
    expect(page).toContain(">goal missed<");
    expect(page).toContain("Not in the bill: data sent to other regions.");
    expect(page).toContain("prices of 2025-08-14 or later in eu-west-1");
  });

  test("a fleet shows its total and links to each comparison", () => {
    const page = comparisonHtml(fleet());
    expect(page).toContain("At least $436 a month on the recommended targets");
    for (const id of ["c1", "c2", "c3", "c4"]) {
      expect(page).toContain(`href="#${id}"`);
      expect(page).toContain(`id="${id}"`);
    }
  });
});

/** Width and colours; in some every document is held to all rules of accessibility, in the others only the first. */
const VIEWS = [
  ["light", 1280, "light", true],
  ["dark", 1280, "dark", false],
  ["just wide enough for tables", 1184, "light", false],
  ["laptop", 1024, "light", false],
  ["tablet", 768, "light", false],
  ["phone", 360, "light", false],
  ["dark phone", 360, "dark", true],
] as const;

describeWithBrowser("in a browser", () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pages-"));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page as a reader would, and notes what it says and asks for. */
  async function open(
    text: string,
    width: number,
    scheme: string,
  ): Promise<{ page: Page; said: string[]; asked: string[] }> {
    const file = join(folder, "page.html");
    writeFileSync(file, text);
    const page = await browser.newPage();
    const said: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("dialog", (dialog) => {
      said.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("request", (request) => asked.push(request.url()));
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(pathToFileURL(file).href);
    return { page, said, asked };
  }

  test.each(Object.entries(DOCUMENTS))(
    "%s: fits, is accessible, and asks for nothing",
    async (name, make) => {
      const text = comparisonHtml(make());
      for (const [view, width, scheme, thorough] of VIEWS) {
        const { page, said, asked } = await open(text, width, scheme);
        // Closed parts are part of the page.
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        expect({ view, scrolls: await page.evaluate("document.documentElement.scrollWidth") }).toEqual({
          view,
          scrolls: width,
        });
        // What sticks out of its card overlaps something, also where nothing scrolls.
        const outside = await page.evaluate(`[...document.querySelectorAll(".card *")]
        .filter((each) => !each.closest(".scroll table, svg, thead") && each.getClientRects().length > 0)
        .filter((each) => {
          const [own, card] = [each, each.closest(".card")].map((one) => one.getBoundingClientRect());
          return own.right > card.right + 1 || own.left < card.left - 1;
        })
        .map((each) => each.outerHTML.slice(0, 200))`);
        expect({ view, outside }).toEqual({ view, outside: [] });
        // Each chart is visible once, with a name and a description.
        const charts = (await page.evaluate(`[...document.querySelectorAll("figure")].map((figure) =>
        [...figure.querySelectorAll("svg[role=img]")]
          .filter((svg) => getComputedStyle(svg).display !== "none")
          .map((svg) => svg.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id).textContent)))`)) as string[][][];
        for (const shown of charts) {
          expect(shown).toHaveLength(1);
          expect(shown[0]?.map((each) => each.length > 10)).toEqual([true, true]);
        }
        if (thorough || name === "comparison") {
          // By the debugger's own door, which the policy of the page does not close.
          await page.evaluate(axe);
          const result = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
            violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
          };
          const violations = result.violations.map(({ id, nodes }) => ({
            id,
            nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}: ${failureSummary}`),
          }));
          expect({ view, violations }).toEqual({ view, violations: [] });
        }
        expect({ view, said, asked }).toEqual({ view, said: [], asked: [page.url()] });
        await page.close();
      }
    },
  );

  test("the charts of the example: cost, load, and a day of each target; crossovers and dark colours are drawn", async () => {
    const { page } = await open(comparisonHtml(comparison()), 1280, "dark");
    const titles = (await page.evaluate(
      "[...document.querySelectorAll('svg.wide > title')].map((each) => each.textContent)",
    )) as string[];
    expect(titles).toEqual([
      "Monthly cost by target",
      "Monthly cost over load",
      "ecs-fargate over the simulated day",
      "sagemaker-realtime provisioned over the simulated day",
      "lambda over the simulated day",
      "eks over the simulated day",
    ]);
    const curve = (await page.evaluate(
      "[...document.querySelectorAll('#c1-curves svg.wide text, section[aria-labelledby=c1-curves] svg.wide text')].map((each) => each.textContent)",
    )) as string[];
    expect(curve).toEqual(
      expect.arrayContaining(["this workload", "1", "2", "3", "requests per second on average"]),
    );
    // A variable that the style sheet lacks would draw nothing, or black.
    const unresolved =
      await page.evaluate(`[...document.querySelectorAll("svg [stroke^='var('], svg [fill^='var(']")]
      .flatMap((each) => [each.getAttribute("stroke"), each.getAttribute("fill")])
      .filter((each) => each !== null && each.startsWith("var("))
      .filter((each) => getComputedStyle(document.documentElement).getPropertyValue(each.slice(4, -1)) === "")`);
    expect(unresolved).toEqual([]);
    await page.close();
  });

  test("the keyboard reaches and opens everything, visibly", async () => {
    const { page } = await open(comparisonHtml(comparison()), 1280, "light");
    const all = (await page.evaluate("document.querySelectorAll('a[href], summary').length")) as number;
    const reached = new Set<string>();
    for (let step = 0; step < all + 1; step++) {
      await page.keyboard.press("Tab");
      const [at, ring] = (await page.evaluate(`(() => {
        const each = document.activeElement;
        return [[...document.querySelectorAll("*")].indexOf(each) + each.tagName, getComputedStyle(each).outlineStyle];
      })()`)) as [string, string];
      if (at.endsWith("BODY")) break;
      expect(ring).toBe("solid");
      reached.add(at);
    }
    // Links inside closed parts are not to be reached.
    const open_ = (await page.evaluate(
      "[...document.querySelectorAll('a[href], summary')].filter((each) => each.tagName === 'SUMMARY' || each.closest('details') === null).length",
    )) as number;
    expect(reached.size).toBe(open_);
    await page.evaluate("document.querySelector('summary').focus()");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.querySelector('details').open")).toBe(true);
    await page.close();
  });

  test("on paper: light, and with what is folded away", async () => {
    const { page } = await open(comparisonHtml(comparison()), 1280, "dark");
    await page.emulateMediaType("print");
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(24, 32, 46)");
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('details > div')].every((each) => each.getBoundingClientRect().height > 0)",
      ),
    ).toBe(true);
    await page.close();
  });
});
