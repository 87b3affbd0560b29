import { assert, array, integer, property, string } from "fast-check";
import { constructId, resourceName, shortHash, stackName } from "../../modules/stack/names";

describe("resourceName", () => {
  test.each([
    [["a", "b"], 3, "a-b"],
    [["fraud", "prod", "lambda"], 17, "fraud-prod-lambda"],
    [["only"], 64, "only"],
  ])("%j within %d is %s", (parts, limit, name) => {
    expect(resourceName(parts, limit)).toBe(name);
  });

  test("is cut one character beyond the limit, and ends in a hash of the whole", () => {
    const name = "fraud-prod-lambda";
    expect(resourceName([name], name.length)).toBe(name);
    expect(resourceName([name], name.length - 1)).toBe(`fraud-pro-${shortHash(name, 6)}`);
  });

  test("has no two hyphens where it is cut", () => {
    expect(resourceName(["abc", "defghijkl"], 11)).toBe(`abc-${shortHash("abc-defghijkl", 6)}`);
  });

  test("never passes the limit, and keeps different names apart", () => {
    assert(
      property(
        array(string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
        integer({ min: 10, max: 70 }),
        (parts, limit) => {
          expect(resourceName(parts, limit).length).toBeLessThanOrEqual(limit);
          expect(resourceName([...parts, "other"], limit)).not.toBe(resourceName(parts, limit));
        },
      ),
    );
  });
});

describe("constructId", () => {
  test("is a slug and a hash of the raw name", () => {
    expect(constructId("topic", "a.b c")).toBe(`topic-a-b-c-${shortHash("a.b c", 6)}`);
  });
});

test("a stack's name joins model, environment and component", () => {
  expect(stackName("fraud", "prod", "lambda")).toBe("fraud-prod-lambda");
});

test("a hash has the digits asked for, and depends on the content only", () => {
  expect(shortHash("x")).toBe("2d711642");
  expect(shortHash("x", 6)).toBe("2d7116");
});
