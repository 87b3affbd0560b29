import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { regionInfo, regionNames } from "../aws/regions";
import { type Finding, type Issue, show } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { DATA_LIMITS } from "../manifest/data";
import { isPositioned, loadManifestText, type ManifestSource } from "../manifest/load";
import { parseWith } from "../manifest/schema-findings";
import { allKeys, isPriceKey, itemOf, type PriceKey } from "./items";
import type { Price, Tier } from "./price";

/** A price that the user pays instead of the list's. */
interface FixedOverride {
  readonly key: PriceKey;
  /** Null for every region. */
  readonly region: string | null;
  readonly tiers: Price["tiers"];
}

/** What the user pays less than the list's price. */
interface Discount {
  /** A key, or the beginning of keys followed by `*`. */
  readonly pattern: string;
  readonly region: string | null;
  readonly percent: number;
  readonly source: string;
}

/** The user's own prices: discounts, savings plans, an enterprise agreement. */
export interface PriceFile {
  readonly source: string;
  readonly asOf: string;
  readonly prices: readonly FixedOverride[];
  readonly discounts: readonly Discount[];
}

const region = z.string().describe("AWS region. Default: every region");
const usd = z.number().min(0).describe("USD for one unit");

/** The schema of a price file, the source of its documentation. */
export const priceFileSchema = z.strictObject({
  source: z.string().min(1).describe("where these prices come from, e.g. the agreement and its annex"),
  asOf: z.iso
    .date()
    .meta({ description: "date from which they hold (ISO 8601)", allowed: "a date, e.g. 2026-10-01" }),
  prices: z
    .array(
      z.strictObject({
        item: z.string().describe("key of the price, e.g. fargate/vcpu/arm64"),
        region: region.optional(),
        usd: usd.optional(),
        tiers: z
          .array(z.strictObject({ upTo: z.number().positive().optional(), usd }))
          .min(1)
          .optional()
          .describe("instead of usd: prices by a month's quantity"),
      }),
    )
    .optional(),
  discounts: z
    .array(
      z.strictObject({
        item: z.string().describe("key of a price, or its beginning and *, e.g. ec2/instance/m5.*"),
        region: region.optional(),
        percent: z.number().gt(0).max(100).describe("off the list price"),
        source: z
          .string()
          .min(1)
          .optional()
          .describe("where the discount comes from. Default: the file's source"),
      }),
    )
    .optional(),
});

type Written = z.output<typeof priceFileSchema>;

const NOTHING: PriceFile = { source: "", asOf: "", prices: [], discounts: [] };

/** Reads a price file, YAML or JSON; every problem at once. */
export function readPriceFile(file: string): {
  readonly prices: PriceFile;
  readonly issues: readonly Issue[];
} {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    return { prices: NOTHING, issues: [unreadable(file, `cannot be read as a price file (${code})`)] };
  }
  if (text.length > DATA_LIMITS.fileBytes)
    return { prices: NOTHING, issues: [unreadable(file, `is longer than ${DATA_LIMITS.fileBytes} bytes`)] };
  const { source, findings } = loadManifestText(text, file, dirname(resolve(file)));
  const toIssues = (found: readonly Finding[]): readonly Issue[] => found.map((one) => toIssue(source, one));
  if (findings.length > 0) return { prices: NOTHING, issues: toIssues(findings) };
  const parsed = parseWith(priceFileSchema, source.data, [], source.spelling);
  if (!("value" in parsed)) return { prices: NOTHING, issues: toIssues(parsed.findings) };
  const problems = check(parsed.value);
  return problems.length > 0
    ? { prices: NOTHING, issues: toIssues(problems) }
    : { prices: convert(parsed.value), issues: [] };
}

function unreadable(file: string, message: string): Issue {
  const fix = "name a YAML or JSON file; `modelport prices --help` shows one";
  return { file, line: 0, column: 0, path: "", code: "FILE_UNREADABLE", severity: "error", message, fix };
}

function toIssue(source: ManifestSource, finding: Finding): Issue {
  const { line, column } = isPositioned(finding)
    ? finding.position
    : source.locate(finding.path, finding.atKey);
  const path = finding.path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
  return {
    file: source.file,
    line,
    column,
    path,
    code: finding.code,
    severity: "error",
    // The manifest's reader words its findings for manifests.
    message: finding.message.replaceAll("manifest", "price file"),
    ...(finding.allowed === undefined ? {} : { allowed: finding.allowed }),
    ...(finding.fix === undefined ? {} : { fix: finding.fix }),
  };
}

function check({ prices = [], discounts = [] }: Written): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  for (const [index, price] of prices.entries()) {
    const path = ["prices", index];
    if (!isPriceKey(price.item)) findings.push(noItem([...path, "item"], price.item));
    findings.push(...noRegion([...path, "region"], price.region));
    const name = `${price.item} ${price.region ?? ""}`;
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      const message = `${price.item} has a price already, in prices[${earlier}]`;
      findings.push({ path: [...path, "item"], code: "CONFLICT", message, fix: "keep one of the two" });
    }
    seen.set(name, index);
    if ((price.usd === undefined) === (price.tiers === undefined)) {
      const message = price.usd === undefined ? "has no price" : "has both usd and tiers";
      findings.push({ path, code: "EXCLUSIVE", message, allowed: "exactly one of usd, tiers" });
    }
    let from = 0;
    for (const [position, { upTo }] of (price.tiers ?? []).entries()) {
      const last = position === (price.tiers?.length ?? 0) - 1;
      if (upTo === undefined ? last : upTo > from && !last) {
        from = upTo ?? from;
        continue;
      }
      findings.push({
        path: [...path, "tiers", position],
        code: "ORDER",
        message: upTo === undefined ? "has no upTo, though tiers follow" : `ends at ${upTo}`,
        allowed: "tiers in ascending order, the last without upTo",
      });
    }
  }
  for (const [index, { item, region: place }] of discounts.entries()) {
    const path = ["discounts", index];
    findings.push(...noRegion([...path, "region"], place));
    if (!keysOf(item)) findings.push(noItem([...path, "item"], item));
  }
  return findings;
}

/** Whether a pattern means any price. */
function keysOf(pattern: string): boolean {
  if (!pattern.endsWith("*")) return isPriceKey(pattern);
  const start = pattern.slice(0, -1);
  return !start.includes("*") && allKeys().some((key) => key.startsWith(start));
}

function noItem(path: readonly (string | number)[], written: string): Finding {
  const similar = nearest(written.replace(/\*$/, ""), allKeys());
  return {
    path,
    code: "CHOICE",
    message: `${show(written)} is no price of the book`,
    fix:
      similar === undefined
        ? "`modelport prices --region us-east-1` lists them"
        : `did you mean "${similar}"?`,
  };
}

function noRegion(path: readonly (string | number)[], name: string | undefined): readonly Finding[] {
  if (name === undefined || regionInfo(name) !== undefined) return [];
  const similar = nearest(name, regionNames());
  return [
    {
      path,
      code: "REGION_UNKNOWN",
      message: `${show(name)} is no AWS region`,
      ...(similar === undefined ? {} : { fix: `did you mean "${similar}"?` }),
    },
  ];
}

function convert({ source, asOf, prices = [], discounts = [] }: Written): PriceFile {
  return {
    source,
    asOf,
    prices: prices.flatMap(({ item, region: place, usd: price, tiers = [{ usd: price ?? 0 }] }) => {
      const [first, ...rest] = tiers.map((tier): Tier => ({ upTo: tier.upTo ?? null, usd: tier.usd }));
      return isPriceKey(item) && first !== undefined
        ? [{ key: item, region: place ?? null, tiers: [first, ...rest] as const }]
        : [];
    }),
    discounts: discounts.map((discount) => ({
      pattern: discount.item,
      region: discount.region ?? null,
      percent: discount.percent,
      source: discount.source ?? source,
    })),
  };
}

/**
 * A price as the user pays it. A price that the file names wins over its discounts; one for the region wins over one for
 * all; of several discounts the one with the longest item applies. Discounts are not added up.
 * @param list the price without the file; `undefined` where it is not known, so that a discount has nothing to apply to.
 */
export function overridden(
  { source, asOf, prices, discounts }: PriceFile,
  key: PriceKey,
  place: string,
  list: Price | undefined,
): Price | undefined {
  const here = (one: { readonly region: string | null }) => one.region === null || one.region === place;
  const own = prices
    .filter((price) => price.key === key && here(price))
    .sort((a, b) => Number(a.region === null) - Number(b.region === null))[0];
  const common = { status: "override", layer: "override" } as const;
  if (own !== undefined) {
    const { unit } = itemOf(key);
    return { ...common, key, region: place, unit, tiers: own.tiers, confidence: "high", source, asOf };
  }
  if (list === undefined) return undefined;
  const discount = discounts
    .filter((one) => here(one) && matches(one.pattern, key))
    .sort(
      (a, b) => b.pattern.length - a.pattern.length || Number(a.region === null) - Number(b.region === null),
    )[0];
  if (discount === undefined) return list;
  const left = (100 - discount.percent) / 100;
  const [first, ...rest] = list.tiers.map(({ upTo, usd: price }) => ({ upTo, usd: times(price, left) }));
  if (first === undefined) return list;
  const how = `${discount.percent} % off the price of ${list.source}, ${list.asOf}`;
  return {
    ...list,
    ...common,
    tiers: [first, ...rest],
    source: discount.source,
    how: list.how === undefined ? how : `${how} (${list.how})`,
  };
}

function matches(pattern: string, key: PriceKey): boolean {
  return pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern;
}

/** Without the noise of binary fractions: 0.192 less 10 % is 0.1728. */
function times(price: number, factor: number): number {
  return Number((price * factor).toPrecision(12));
}
