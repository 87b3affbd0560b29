import { parseDocument } from "../../modules/compare/document-schema";
import { compare } from "../../modules/compare/compare";
import type { Comparison } from "../../modules/compare/comparison";
import type { Json } from "../support/synth";
import { dayAndNight, sizingOf } from "./support";

function document(): Comparison {
  const workload = dayAndNight(4, 80);
  const { asked, context } = sizingOf([{ label: "t.small", slots: 1, hourly: 0.1 }], workload);
  return compare({
    plan: asked.plan,
    data: asked.data,
    chosen: "boxes",
    scalingGiven: false,
    registry: asked.registry,
    kinds: ["boxes"],
    workload,
    notes: ["a note"],
    simulator: context.simulator,
    book: context.billing.book,
    freeTier: false,
    against: { target: "boxes", mode: null },
  }).document;
}
const plain = () => JSON.parse(JSON.stringify(document())) as Json;
const fault = (value: unknown) => {
  const parsed = parseDocument(value);
  return "fault" in parsed ? parsed.fault.path : "none";
};

test("takes what compare writes as it is, and a fleet of it", () => {
  expect(parseDocument(plain())).toEqual({ document: document() });
  const fleet = {
    schemaVersion: 1,
    comparisons: [plain()],
    total: { currency: "USD", recommended: 401.5, chosen: null, notes: ["a note"] },
  };
  expect(parseDocument(fleet)).toEqual({ document: fleet });
});

test("leaves out what it does not know", () => {
  expect(parseDocument({ ...plain(), later: { more: [] } })).toEqual({ document: document() });
});

test.each<[string, (value: Json) => unknown, string]>([
  ["another version", (value) => ({ ...value, schemaVersion: 2 }), "schemaVersion"],
  ["no version", (value) => ({ ...value, schemaVersion: undefined }), "schemaVersion"],
  ["a list", () => [], ""],
  ["null", () => null, ""],
  ["a number as a name", (value) => ({ ...value, model: 4 }), "model"],
  [
    "a negative cost",
    (value) => ({ ...value, crossovers: [{ between: ["a", "b"], requestsPerSecond: 1, monthlyUsd: -1 }] }),
    "crossovers.0.monthlyUsd",
  ],
  [
    "markup as a target",
    (value) => ({ ...value, recommended: { target: "<script>", because: "" } }),
    "recommended.target",
  ],
  [
    "a million notes",
    (value) => ({ ...value, notes: Array.from({ length: 1_000_000 }, () => "x") }),
    "notes",
  ],
  ["a text without end", (value) => ({ ...value, notes: ["x".repeat(10_001)] }), "notes.0"],
  ["a cost that is no number", (value) => ({ ...value, prices: { asOf: 4, region: null } }), "prices.asOf"],
])("refuses %s", (_what, change, path) => {
  expect(fault(change(plain()))).toBe(path);
});

test("no text keeps a character that a terminal would act on", () => {
  const parsed = parseDocument({ ...plain(), model: "a\u001b[2Jb\u202ec\u0007", notes: ["\u009b31m"] });
  if ("fault" in parsed || "comparisons" in parsed.document) throw new Error("one comparison");
  expect(parsed.document.model).toBe("a\ufffd[2Jb\ufffdc\ufffd");
  expect(parsed.document.notes).toEqual(["\ufffd31m"]);
});

test("a key of JavaScript's own pollutes nothing", () => {
  const text = JSON.stringify(plain()).replace('"sizing":{', '"sizing":{"__proto__":{"polluted":1},');
  parseDocument(JSON.parse(text));
  expect(Reflect.get({}, "polluted")).toBeUndefined();
});
