import { UNKNOWN, Unknown, type ValueMap } from "../../modules/offline/msgpack";
import {
  addComputedBlocks,
  checkComputed,
  emptyBlock,
  planBlock,
  replacements,
} from "../../modules/offline/plan";
import type { Attribute, Block, NestedBlock } from "../../modules/offline/schema";

function attribute(name: string, flags: Partial<Attribute> = {}): Attribute {
  const base = { required: false, optional: true, computed: false, sensitive: false, writeOnly: false };
  return { name, type: "string", ...base, ...flags };
}

function nested(name: string, nesting: NestedBlock["nesting"], block: Block): NestedBlock {
  return { name, nesting, min: 0, max: 0, block };
}

const rule: Block = {
  attributes: [attribute("port"), attribute("id", { optional: false, computed: true })],
  blocks: [],
};
const schema: Block = {
  attributes: [
    attribute("name"),
    attribute("arn", { optional: false, computed: true }),
    attribute("size", { computed: true }),
    attribute("secret_wo", { writeOnly: true }),
  ],
  blocks: [
    nested("listed", "list", rule),
    nested("chosen", "set", rule),
    nested("only", "single", rule),
    nested("keyed", "map", rule),
  ],
};
const config = (values: ValueMap): ValueMap => ({ ...emptyBlock(schema), ...values });
const item = (port: string, id: string | null = null): ValueMap => ({ port, id });

describe("planBlock", () => {
  test("of something new: configured, unknown where the provider decides, else null", () => {
    const planned = planBlock(schema, config({ name: "n", secret_wo: "s", listed: [item("80")] }), null);
    expect(planned).toMatchObject({
      name: "n",
      arn: UNKNOWN,
      size: UNKNOWN,
      secret_wo: null,
      only: null,
      keyed: {},
    });
    expect(planned["listed"]).toEqual([{ port: "80", id: UNKNOWN }]);
    expect(planned["chosen"]).toEqual([]);
  });

  test("of something there: what the provider decided stays, what is no longer configured goes", () => {
    const prior = config({ name: "old", arn: "a", size: "5" });
    expect(planBlock(schema, config({}), prior)).toMatchObject({ name: null, arn: "a", size: "5" });
  });

  test("unknown configuration stays unknown, with its refinements", () => {
    const refined = new Unknown(Uint8Array.of(0xc7, 3, 12, 0x81, 1, 0xc2));
    const planned = planBlock(schema, config({ name: refined, size: refined, listed: UNKNOWN }), null);
    expect(planned).toMatchObject({ name: refined, size: refined, listed: UNKNOWN });
  });

  test("elements of a list keep what belongs to their index", () => {
    const prior = config({ listed: [item("80", "a"), item("443", "b")] });
    expect(
      planBlock(schema, config({ listed: [item("81"), item("443"), item("9")] }), prior)["listed"],
    ).toEqual([item("81", "a"), item("443", "b"), { port: "9", id: UNKNOWN }]);
  });

  test("elements of a set keep what belongs to the same settings, in any order", () => {
    const prior = config({ chosen: [item("80", "a"), item("443", "b")] });
    expect(
      planBlock(schema, config({ chosen: [item("443"), item("81"), item("80")] }), prior)["chosen"],
    ).toEqual([item("443", "b"), { port: "81", id: UNKNOWN }, item("80", "a")]);
  });

  test("single and keyed blocks keep what belongs to them", () => {
    const prior = config({ only: item("80", "a"), keyed: { x: item("1", "b") } });
    const planned = planBlock(
      schema,
      config({ only: item("81"), keyed: { x: item("2"), y: item("3") } }),
      prior,
    );
    expect(planned["only"]).toEqual(item("81", "a"));
    expect(planned["keyed"]).toEqual({ x: item("2", "b"), y: { port: "3", id: UNKNOWN } });
  });
});

const NO_RULES = { forceNew: [], forceNewOnPresence: [], forceNewOnRemoval: [], forceNewUnless: {} };

describe("replacements", () => {
  const replaced = (forceNew: string[], prior: ValueMap, planned: ValueMap): unknown =>
    replacements(schema, { ...NO_RULES, forceNew }, config(prior), config(planned));

  test("name the changed attribute and nothing else", () => {
    expect(replaced(["name", "size"], { name: "a", size: "1" }, { name: "b", size: "1" })).toEqual([
      [{ name: "name" }],
    ]);
    expect(replaced(["name"], { name: "a" }, { name: "a", size: "2" })).toEqual([]);
  });

  test("follow an unknown value, which may turn out different", () => {
    expect(replaced(["name"], { name: "a" }, { name: UNKNOWN })).toEqual([[{ name: "name" }]]);
  });

  test("name the element of a list", () => {
    expect(
      replaced(["listed.port"], { listed: [item("1"), item("2")] }, { listed: [item("1"), item("3")] }),
    ).toEqual([[{ name: "listed" }, { index: 1 }, { name: "port" }]]);
  });

  test("name the list where an element comes or goes", () => {
    expect(replaced(["listed.port"], { listed: [item("1")] }, { listed: [item("1"), item("2")] })).toEqual([
      [{ name: "listed" }],
    ]);
    expect(replaced(["listed"], { listed: [item("1")] }, { listed: [] })).toEqual([[{ name: "listed" }]]);
    expect(replaced(["listed"], { listed: [item("1")] }, { listed: [item("2")] })).toEqual([]);
  });

  test("name a set as a whole, and ignore its order", () => {
    const before = { chosen: [item("1"), item("2")] };
    expect(replaced(["chosen.port"], before, { chosen: [item("2"), item("1")] })).toEqual([]);
    expect(replaced(["chosen.port"], before, { chosen: [item("2"), item("3")] })).toEqual([
      [{ name: "chosen" }],
    ]);
  });

  test("see a single block come, go and change", () => {
    expect(replaced(["only"], { only: null }, { only: item("1") })).toEqual([[{ name: "only" }]]);
    expect(replaced(["only.port"], { only: item("1") }, { only: item("2") })).toEqual([
      [{ name: "only" }, { name: "port" }],
    ]);
  });

  test("distinguish the presence of an attribute from its value", () => {
    const rules = { ...NO_RULES, forceNewOnPresence: ["name"] };
    expect(replacements(schema, rules, config({ name: "a" }), config({ name: "b" }))).toEqual([]);
    expect(replacements(schema, rules, config({ name: "a" }), config({}))).toEqual([[{ name: "name" }]]);
  });

  test("see a block removed that cannot be, and neither its coming nor its change", () => {
    const rules = { ...NO_RULES, forceNewOnRemoval: ["listed", "only"] };
    const [with1, with2, without] = [
      config({ listed: [item("1")], only: item("1") }),
      config({ listed: [item("2")], only: item("2") }),
      config({}),
    ];
    expect(replacements(schema, rules, with1, without)).toEqual([[{ name: "listed" }], [{ name: "only" }]]);
    expect(replacements(schema, rules, without, with1)).toEqual([]);
    expect(replacements(schema, rules, with1, with2)).toEqual([]);
  });

  test.each<[string, ValueMap, ValueMap, boolean]>([
    ["another element", { chosen: [item("1")] }, { chosen: [item("2")] }, true],
    ["another order", { chosen: [item("1"), item("2")] }, { chosen: [item("2"), item("1")] }, false],
    ["another element, prevented", { chosen: [item("1")] }, { chosen: [item("2")], gentle: true }, false],
    ["the first element", { chosen: [] }, { chosen: [item("2")], gentle: true }, true],
    ["no element any more", { chosen: [item("1")] }, { chosen: [], gentle: true }, true],
  ])("know a prevention: %s", (_what, prior, planned, expected) => {
    const rules = { ...NO_RULES, forceNewUnless: { chosen: "gentle" } };
    expect(replacements(schema, rules, config(prior), config(planned))).toEqual(
      expected ? [[{ name: "chosen" }]] : [],
    );
  });

  test("ignore rules for what the schema does not have", () => {
    expect(replaced(["gone", "name.part", "listed.gone"], { name: "a" }, { name: "a" })).toEqual([]);
  });
});

describe("checkComputed", () => {
  test("finds settings that only the provider may decide, at any depth", () => {
    const findings = checkComputed(
      schema,
      config({
        arn: "a",
        size: "1",
        listed: [item("1"), item("2", "x")],
        chosen: [item("1", "y")],
        only: item("1", "z"),
      }),
    );
    expect(findings.map(({ path }) => path)).toEqual([
      [{ name: "arn" }],
      [{ name: "listed" }, { index: 1 }, { name: "id" }],
      [{ name: "chosen" }, { name: "id" }],
      [{ name: "only" }, { name: "id" }],
    ]);
  });

  test("has nothing to say about unset or settable attributes", () => {
    expect(checkComputed(schema, config({ name: "a", size: "1", listed: [item("1")] }))).toEqual([]);
  });
});

describe("addComputedBlocks", () => {
  test("fills in an unset block, and keeps it afterwards", () => {
    const planned = planBlock(schema, config({}), null);
    expect(addComputedBlocks(schema, ["listed"], planned, null)).toBe(true);
    expect(planned["listed"]).toEqual([{ port: UNKNOWN, id: UNKNOWN }]);

    const prior = config({ listed: [item("80", "a")] });
    const again = planBlock(schema, config({}), prior);
    addComputedBlocks(schema, ["listed"], again, prior);
    expect(again["listed"]).toEqual(prior["listed"]);
  });

  test("leaves a configured block alone", () => {
    const planned = planBlock(schema, config({ listed: [item("1")] }), null);
    expect(addComputedBlocks(schema, ["listed"], planned, null)).toBe(false);
  });
});
