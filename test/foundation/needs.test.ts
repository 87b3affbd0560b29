import { assert, boolean, constantFrom, option, property, record, subarray, array } from "fast-check";
import { type FoundationNeeds, isEmpty, NO_NEEDS, uniteNeeds } from "../../modules/foundation/needs";

const flags = ["key", "topic", "registry", "bucket", "accessLogs"] as const;

describe("needs", () => {
  test("of none are none", () => {
    expect(uniteNeeds([])).toEqual(NO_NEEDS);
    expect(isEmpty(NO_NEEDS)).toBe(true);
    expect(Object.isFrozen(NO_NEEDS)).toBe(true);
  });

  test.each(flags)("%s alone is something", (flag) => {
    expect(isEmpty({ ...NO_NEEDS, [flag]: true })).toBe(false);
    expect(uniteNeeds([NO_NEEDS, { ...NO_NEEDS, [flag]: true }])[flag]).toBe(true);
  });

  test("a network or a part of its own is something", () => {
    expect(isEmpty({ ...NO_NEEDS, network: { endpoints: [], public: false } })).toBe(false);
    expect(isEmpty({ ...NO_NEEDS, own: ["eks"] })).toBe(false);
  });

  test("networks are united: every endpoint once, sorted; public where one is", () => {
    const { network } = uniteNeeds([
      { ...NO_NEEDS, network: { endpoints: ["logs", "ecr.api"], public: false } },
      NO_NEEDS,
      { ...NO_NEEDS, network: { endpoints: ["ecr.api", "eks"], public: true } },
    ]);
    expect(network).toEqual({ endpoints: ["ecr.api", "eks", "logs"], public: true });
  });

  test("do not depend on their order", () => {
    const needs = record({
      key: boolean(),
      topic: boolean(),
      registry: boolean(),
      bucket: boolean(),
      accessLogs: boolean(),
      network: option(record({ endpoints: subarray(["logs", "eks", "ecr.api"]), public: boolean() })),
      own: array(constantFrom("eks", "ecs-fargate"), { maxLength: 2 }),
    });
    assert(
      property(array(needs, { maxLength: 4 }), (all: FoundationNeeds[]) => {
        expect(uniteNeeds([...all].reverse())).toEqual(uniteNeeds(all));
        expect(isEmpty(uniteNeeds(all))).toBe(all.every(isEmpty));
      }),
    );
  });
});
