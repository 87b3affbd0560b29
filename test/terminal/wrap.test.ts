import fc from "fast-check";
import { wrap } from "../../modules/terminal/wrap";

describe("wrap", () => {
  test("lines break at spaces, those after the first hang", () => {
    expect(wrap("one two three four", 11, "  ", "    ")).toEqual(["  one two", "    three", "    four"]);
  });

  test("nothing is lost, and a line is too long only where a word is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.integer({ min: 4, max: 40 }),
        (words, width) => {
          const lines = wrap(words.join(" "), width, "  ");
          expect(lines.flatMap((line) => line.trim().split(" "))).toEqual(words);
          expect(lines.every((line) => line.length <= width || !line.trim().includes(" "))).toBe(true);
        },
      ),
    );
  });
});
