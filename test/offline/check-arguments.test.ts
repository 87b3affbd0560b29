import { checkArguments, type ArgumentRules } from "../../modules/offline/check-arguments";
import { UNKNOWN, type ValueMap } from "../../modules/offline/msgpack";
import { emptyBlock } from "../../modules/offline/plan";
import type { Block, CtyType, NestedBlock } from "../../modules/offline/schema";

function attributes(types: Record<string, CtyType>): Block["attributes"] {
  const flags = { required: false, optional: true, computed: false, sensitive: false, writeOnly: false };
  return Object.entries(types).map(([name, type]) => ({ name, type, ...flags }));
}

function nested(name: string, nesting: NestedBlock["nesting"]): NestedBlock {
  const block = {
    attributes: attributes({ id: "string", name: "string", ids: ["list", "string"] }),
    blocks: [],
  };
  return { name, nesting, min: 0, max: 0, block };
}

const schema: Block = {
  attributes: attributes({ name: "string", name_prefix: "string", layers: ["list", "string"] }),
  blocks: [nested("template", "list"), nested("tags", "set"), nested("only", "single")],
};
const config = (values: ValueMap): ValueMap => ({ ...emptyBlock(schema), ...values });
const part = (values: ValueMap): ValueMap => ({ id: null, name: null, ids: null, ...values });

const NONE: ArgumentRules = {
  conflicts: {},
  requiredWith: {},
  exactlyOneOf: [],
  items: {},
  framework: false,
};

const check = (rules: Partial<ArgumentRules>, values: ValueMap): [string, string][] =>
  checkArguments(schema, { ...NONE, ...rules }, config(values)).map(({ summary, detail }) => [
    summary,
    detail,
  ]);

describe("conflicts", () => {
  const rules = {
    conflicts: {
      name: ["name_prefix"],
      name_prefix: ["name"],
      "template.id": ["template.0.name"],
      only: ["template"],
    },
  };
  const CONFLICT = "Conflicting configuration arguments";

  test("are reported by each that names the other", () => {
    expect(check(rules, { name: "a", name_prefix: "b" })).toEqual([
      [CONFLICT, '"name": conflicts with name_prefix'],
      [CONFLICT, '"name_prefix": conflicts with name'],
    ]);
  });

  test("are found inside of blocks, and between them", () => {
    const values = { template: [part({ id: "a", name: "b" })], only: part({}) };
    const findings = checkArguments(schema, { ...NONE, ...rules }, config(values));
    expect(findings.map(({ detail, path }) => [detail, path])).toEqual([
      [
        '"template.0.id": conflicts with template.0.name',
        [{ name: "template" }, { index: 0 }, { name: "id" }],
      ],
      ['"only": conflicts with template', [{ name: "only" }]],
    ]);
  });

  test.each<[string, ValueMap]>([
    ["one is set", { name: "a" }],
    ["one is not known", { name: "a", name_prefix: UNKNOWN }],
    ["a block is not known", { template: UNKNOWN, only: part({}) }],
    ["a block is empty", { template: [], only: part({}) }],
    ["a part of a block is not known", { template: [part({ id: "a", name: UNKNOWN })] }],
  ])("are none where %s", (_what, values) => expect(check(rules, values)).toEqual([]));
});

describe("of a group, one must be set", () => {
  const rules = { exactlyOneOf: [["name", "name_prefix", "template"]] };
  const COMBINATION = "Invalid combination of arguments";
  const GROUP = "one of `name,name_prefix,template`";

  test("none is too few: every member complains", () => {
    expect(check(rules, {})).toEqual(
      ["name", "name_prefix", "template"].map((name) => [
        COMBINATION,
        `"${name}": ${GROUP} must be specified`,
      ]),
    );
  });

  test("two are too many", () => {
    const problem = `only ${GROUP} can be specified, but \`name,template\` were specified.`;
    expect(check(rules, { name: "a", template: [part({})] })[0]).toEqual([COMBINATION, `"name": ${problem}`]);
  });

  test("one is right, and one that is not known may be it", () => {
    expect(check(rules, { template: [part({})] })).toEqual([]);
    expect(check(rules, { name: UNKNOWN })).toEqual([]);
    expect(check(rules, { name: "a", template: UNKNOWN })).toEqual([]);
  });

  test("in a block, it must be where the block is there", () => {
    const inBlock = { exactlyOneOf: [["template.0.id", "template.0.name"]] };
    expect(check(inBlock, {})).toEqual([]);
    expect(check(inBlock, { template: UNKNOWN })).toEqual([]);
    expect(check(inBlock, { template: [part({ id: "a" })] })).toEqual([]);
    expect(check(inBlock, { template: [part({})] })).toHaveLength(2);
  });

  test("types of the newer framework say it once, in other words", () => {
    const framework = { framework: true, exactlyOneOf: [["name", "name_prefix"]] };
    const detail = "Exactly one of these attributes must be configured: [name,name_prefix]";
    expect(check(framework, {})).toEqual([["Missing Attribute Configuration", detail]]);
    expect(check(framework, { name: "a", name_prefix: "b" })).toEqual([
      ["Invalid Attribute Combination", detail],
    ]);
    expect(check(framework, { name: UNKNOWN })).toEqual([]);
  });
});

test("what must be set beside another is missed, unless it may turn out to be set", () => {
  const rules = { requiredWith: { name: ["name_prefix"] } };
  expect(check(rules, { name: "a" })).toEqual([
    ["Missing required argument", '"name": all of `name,name_prefix` must be specified'],
  ]);
  expect(check(rules, { name: "a", name_prefix: UNKNOWN })).toEqual([]);
  expect(check(rules, { name_prefix: "a" })).toEqual([]);
});

describe("the length of a collection", () => {
  const rules = { items: { layers: [1, 2], "tags.ids": [0, 1] } } satisfies Partial<ArgumentRules>;

  test("has its bounds, in blocks of a set too", () => {
    expect(check(rules, { layers: [] })).toEqual([
      ["Not enough list items", "Attribute layers requires 1 item minimum, but config has only 0 declared."],
    ]);
    expect(check(rules, { layers: ["a", "b", "c"] })).toEqual([
      ["Too many list items", "Attribute layers supports 2 item maximum, but config has 3 declared."],
    ]);
    const inSet = checkArguments(
      schema,
      { ...NONE, ...rules },
      config({ tags: [part({ ids: ["a", "b"] })] }),
    );
    expect(inSet.map(({ path }) => path)).toEqual([[{ name: "tags" }]]);
  });

  test.each<[string, ValueMap]>([
    ["nothing is set", {}],
    ["it is not known", { layers: UNKNOWN }],
    ["an element is not known, which may be a whole dynamic block", { layers: ["a", "b", UNKNOWN] }],
    ["it is within the bounds", { layers: ["a", "b"] }],
  ])("is right where %s", (_what, values) => expect(check(rules, values)).toEqual([]));
});
