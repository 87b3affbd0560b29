import { withoutCreationStacks } from "../../modules/stack/creation-stacks";

const hooks = Error as { prepareStackTrace?: unknown };

describe("withoutCreationStacks", () => {
  test("leaves what is captured into an object empty, and errors as they are", () => {
    const captured = { stack: "" };
    const error = withoutCreationStacks(() => {
      Error.captureStackTrace(captured);
      expect(captured.stack).toBe("");
      const inside = new Error("inside");
      expect(inside.stack).toMatch(/^Error: inside\n\s+at .*creation-stacks\.test/s);
      return inside;
    });
    expect(error.stack).toMatch(/creation-stacks\.test/);
  });

  test("gives the value on and puts the hook back, also when something is thrown", () => {
    const before = hooks.prepareStackTrace;
    expect(withoutCreationStacks(() => 5)).toBe(5);
    expect(hooks.prepareStackTrace).toBe(before);
    expect(() =>
      withoutCreationStacks(() => {
        throw new Error("x");
      }),
    ).toThrow("x");
    expect(hooks.prepareStackTrace).toBe(before);
    expect("prepareStackTrace" in Error).toBe(before !== undefined);
  });

  test("works where nobody has set a hook", () => {
    const before = hooks.prepareStackTrace;
    Reflect.deleteProperty(hooks, "prepareStackTrace");
    try {
      withoutCreationStacks(() => expect(new Error("bare").stack).toMatch(/^Error: bare\n {4}at /));
      expect("prepareStackTrace" in Error).toBe(false);
    } finally {
      if (before !== undefined) hooks.prepareStackTrace = before;
    }
  });
});
