import { assert, constantFrom, integer, property } from "fast-check";
import { Size, SIZE_UNITS } from "../../modules/units/size";

describe("Size", () => {
  test.each([
    ["0Ki", 0],
    ["1Ki", 1_024],
    ["0.5Ki", 512],
    ["512Mi", 536_870_912],
    ["1.5Gi", 1_610_612_736],
    ["4Gi", 4_294_967_296],
    ["1Ti", 1_099_511_627_776],
    ["8191Ti", 8_191 * 2 ** 40],
  ])("%s is %d bytes", (text, bytes) => {
    expect(Size.tryParse(text)?.bytes).toBe(bytes);
  });

  test.each([
    "",
    "Gi",
    "4",
    "4G",
    "4GB",
    "4gi",
    "4 Gi",
    " 4Gi",
    "4Gi\n",
    "-4Gi",
    "1e3Mi",
    "4Pi",
    "0.0001Ki",
    "0.001Ki",
    "8192Ti",
    "999999999Ti",
    "1234567890Ki",
    "４Gi",
  ])("%j is none", (text) => {
    expect(Size.tryParse(text)).toBeUndefined();
  });

  test.each([
    [0, "0Ki"],
    [512, "0.5Ki"],
    [1_024, "1Ki"],
    [1_536 * 2 ** 20, "1536Mi"],
    [4 * 2 ** 30, "4Gi"],
    [2 ** 40, "1Ti"],
  ])("%d bytes read %s", (bytes, text) => {
    expect(Size.bytes(bytes).toString()).toBe(text);
    expect(JSON.stringify([Size.bytes(bytes)])).toBe(`["${text}"]`);
  });

  test.each([-1, 0.5, NaN, Infinity, 2 ** 53])("%d bytes are refused", (bytes) => {
    expect(() => Size.bytes(bytes)).toThrow(RangeError);
  });

  test("the largest number of bytes is taken", () => {
    expect(Size.bytes(Number.MAX_SAFE_INTEGER).bytes).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("converts", () => {
    expect(Size.gibibytes(1.5).mebibytes).toBe(1_536);
    expect(Size.mebibytes(512).gibibytes).toBe(0.5);
    expect(Object.isFrozen(Size.gibibytes(1))).toBe(true);
  });

  test("what it prints, it reads back", () => {
    assert(
      property(integer({ min: 1, max: 4_096 }), constantFrom(...SIZE_UNITS), (amount, unit) => {
        const size = Size.tryParse(`${amount}${unit}`);
        expect(Size.tryParse(String(size))?.bytes).toBe(size?.bytes);
      }),
    );
  });
});
