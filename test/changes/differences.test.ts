import fc from "fast-check";
import { differencesOf } from "../../modules/changes/differences";

const change = (before: unknown, after: unknown, more: Record<string, unknown> = {}) =>
  differencesOf({ actions: ["update"], before, after, ...more });

describe("differencesOf", () => {
  test("values that change, in the order of their paths", () => {
    expect(change({ b: 1, a: "x", same: [1] }, { b: 2, a: "y", same: [1] })).toEqual([
      { path: "a", before: "x", after: "y" },
      { path: "b", before: 1, after: 2 },
    ]);
  });

  test("a single block is looked into, several are not: a set has no places", () => {
    expect(change({ rule: [{ days: 1, id: "a" }] }, { rule: [{ days: 2, id: "a" }] })).toEqual([
      { path: "rule[0].days", before: 1, after: 2 },
    ]);
    const [one, two, three] = [{ n: 1 }, { n: 2 }, { n: 3 }];
    expect(change({ rule: [one, two] }, { rule: [one, three] })).toEqual([
      { path: "rule", before: [one, two], after: [one, three] },
    ]);
  });

  test("what is known after apply only is marked, lists with such elements too", () => {
    expect(
      change({ arn: "a", ids: ["x"] }, { ids: [null] }, { after_unknown: { arn: true, ids: [true] } }),
    ).toEqual([
      { path: "arn", before: "a", unknown: true },
      { path: "ids", before: ["x"], unknown: true },
    ]);
  });

  test.each([
    ["on both sides", { before_sensitive: { token: true }, after_sensitive: { token: true } }],
    ["before", { before_sensitive: { token: true }, after_sensitive: {} }],
    ["after", { before_sensitive: {}, after_sensitive: { token: true } }],
  ])("a value that is sensitive %s never shows", (_when, flags) => {
    const found = change({ token: "hunter2" }, { token: "hunter3" }, flags);
    expect(found).toEqual([{ path: "token", sensitive: true }]);
  });

  test("a sensitive value inside a list that is shown whole never shows", () => {
    const found = change(
      { env: [{ v: "hunter2" }, { v: "b" }] },
      { env: [{ v: "hunter2" }] },
      { before_sensitive: { env: [{ v: true }, {}] }, after_sensitive: { env: [{ v: true }] } },
    );
    expect(JSON.stringify(found)).not.toContain("hunter");
    expect(found.map(({ path }) => path)).toEqual(["env"]);
  });

  test("JSON text is compared by its content, not by the order of its keys", () => {
    const before = { policy: '{"A":1,"S":[{"x":"a"},{"x":"b"}]}' };
    expect(change(before, { policy: '{"S":[{"x":"a"},{"x":"c"}],"A":1}' })).toEqual([
      { path: "policy", within: "S[1].x", before: "b", after: "c" },
    ]);
  });

  test("what forces a replacement is marked, whether the rule names the block or the attribute", () => {
    const marked = change(
      { name: "a", vpc: [{ subnets: ["s-1"], x: 1 }] },
      { name: "b", vpc: [{ subnets: ["s-2"], x: 2 }] },
      { replace_paths: [["vpc", 0, "subnets"]] },
    );
    expect(marked).toEqual([
      { path: "name", before: "a", after: "b" },
      { path: "vpc[0].subnets", before: ["s-1"], after: ["s-2"], forcesReplacement: true },
      { path: "vpc[0].x", before: 1, after: 2 },
    ]);
  });

  test("keys that are no names are quoted", () => {
    expect(change({ tags: { "a.b": "1" } }, { tags: { "a.b": "2" } })).toEqual([
      { path: 'tags["a.b"]', before: "1", after: "2" },
    ]);
  });

  test("a value never differs from itself, and a planted secret never shows", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (value, other) => {
        expect(change(value, structuredClone(value))).toEqual([]);
        const secret = change(
          { s: ["planted-secret", value] },
          { s: other },
          { before_sensitive: { s: true } },
        );
        expect(JSON.stringify(secret)).not.toContain("planted-secret");
      }),
    );
  });
});
