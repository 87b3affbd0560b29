import fc from "fast-check";
import stringWidth from "string-width";
import { fold } from "../../modules/terminal/fold";

test("breaks at spaces, with a hanging indent", () => {
  expect(fold("one two three four", 9, "  ", "    ")).toEqual(["  one two", "    three", "    four"]);
});

test("breaks a word only where it alone is too wide, and counts wide characters twice", () => {
  expect(fold("a abcdefgh b", 4)).toEqual(["a", "abcd", "efgh", "b"]);
  expect(fold("模型模型", 5)).toEqual(["模型", "模型"]);
});

test("an empty text is one line", () => {
  expect(fold("", 10, "  ")).toEqual(["  "]);
});

test("never wider than the width, and nothing but spaces is lost", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "bc", " ", "模", "-", "é") }),
      fc.integer({ min: 6, max: 20 }),
      (text, width) => {
        const lines = fold(text, width, "  ");
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      },
    ),
  );
});
