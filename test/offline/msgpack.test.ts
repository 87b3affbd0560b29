import fc from "fast-check";
import {
  UNKNOWN,
  Unknown,
  decode,
  encode,
  equal,
  hasUnknown,
  type Value,
} from "../../modules/offline/msgpack";

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noInteger: true }),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array(),
    fc.constant(UNKNOWN),
    fc.array(tie("value")),
    fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
  ),
}));

test("every value survives a round trip", () => {
  fc.assert(
    fc.property(value, (original) => {
      expect(equal(decode(encode(original)), original)).toBe(true);
    }),
  );
});

test.each<[string, Value]>([
  ["c0", null],
  ["7f", 127],
  ["e0", -32],
  ["d1ff00", -256],
  ["cd0100", 256],
  ["cfffffffffffffffff", 2n ** 64n - 1n],
  ["cb3ff8000000000000", 1.5],
  ["ca3fc00000", 1.5],
  ["a3616263", "abc"],
  ["d903616263", "abc"],
  ["c403010203", Uint8Array.of(1, 2, 3)],
  ["93010203", [1, 2, 3]],
  ["81a161c3", { a: true }],
  ["dc000101", [1]],
  ["de0001a16101", { a: 1 }],
])("%s is decoded", (hex, expected) => {
  expect(equal(decode(Buffer.from(hex, "hex")), expected)).toBe(true);
});

test.each([31, 32, 255, 256, 65_535, 65_536])("a text, list and map of %i entries survive", (length) => {
  const text = "x".repeat(length);
  const list = Array.from({ length }, (_none, i) => i);
  const map = Object.fromEntries(list.map((i) => [`k${i}`, i]));
  for (const original of [text, list, map]) expect(equal(decode(encode(original)), original)).toBe(true);
});

test("a refined unknown keeps its bytes", () => {
  // Extension 12 with a map {1: false}: "known not to be null".
  const refined = Buffer.from("c7030c8101c2", "hex");
  const decoded = decode(refined);
  expect(decoded).toBeInstanceOf(Unknown);
  expect(Buffer.from(encode(decoded)).equals(refined)).toBe(true);
  expect(equal(decoded, UNKNOWN)).toBe(false);
});

test("an unknown is found at any depth", () => {
  expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
  expect(hasUnknown({ a: [{ b: "x" }], c: null })).toBe(false);
});

test.each(["", "91", "a361", "c1", "c000", "8101c0"])("%p is refused", (hex) => {
  expect(() => decode(Buffer.from(hex, "hex"))).toThrow(RangeError);
});
