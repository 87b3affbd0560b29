import fc from "fast-check";
import {
  bytesField,
  encodeDiagnostic,
  encodePath,
  encodeSchema,
  readFields,
  textField,
  writeFields,
} from "../../modules/offline/protocol";

test("numbers, texts and bytes survive a round trip", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 20 }),
      fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      fc.string({ minLength: 1 }),
      fc.uint8Array(),
      (field, number, text, bytes) => {
        const fields = readFields(
          writeFields([field, number], [field + 1, text], [field + 2, bytes], [field + 2, bytes]),
        );
        expect(fields.get(field)).toEqual([number]);
        expect(textField(fields, field + 1)).toBe(text);
        expect(fields.get(field + 2)).toHaveLength(2);
        expect(Buffer.from(bytesField(fields, field + 2) ?? []).equals(bytes)).toBe(true);
      },
    ),
  );
});

test("what equals protobuf's default is left out", () => {
  expect(writeFields([1, 0], [2, ""], [3, false], [4, undefined], [5, 0n])).toHaveLength(0);
});

test("a negative number takes ten bytes", () => {
  expect(writeFields([1, -1])).toHaveLength(11);
});

test("a message that ends early is refused", () => {
  expect(() => readFields(Uint8Array.of(0x0a, 5, 1))).toThrow("ends early");
  expect(() => readFields(Uint8Array.of(0x08))).toThrow("ends early");
});

test("a wire type that protobuf dropped is refused", () => {
  expect(() => readFields(Uint8Array.of(0x0b))).toThrow("wire type 3");
});

test("the first element's index is written although it is zero", () => {
  const steps = readFields(encodePath([{ name: "vpc_config" }, { index: 0 }, { key: "k" }])).get(1) ?? [];
  const kinds = steps.map((step) => [...readFields(step as Uint8Array)]);
  expect(kinds.map((fields) => fields.map(([number]) => number))).toEqual([[1], [3], [2]]);
  expect(kinds[1]?.[0]?.[1]).toEqual([0n]);
});

test("a diagnostic carries severity, texts and place", () => {
  const fields = readFields(
    encodeDiagnostic({ severity: "warning", summary: "s", detail: "d", path: [{ name: "a" }] }),
  );
  expect(fields.get(1)).toEqual([2n]);
  expect(textField(fields, 2)).toBe("s");
  expect(textField(fields, 3)).toBe("d");
  expect(fields.has(4)).toBe(true);
});

test("a schema carries types as JSON and blocks with nesting and bounds", () => {
  const encoded = encodeSchema({
    attributes: [
      {
        name: "tags",
        type: ["map", "string"],
        required: false,
        optional: true,
        computed: true,
        sensitive: true,
        writeOnly: false,
      },
    ],
    blocks: [{ name: "vpc_config", nesting: "list", min: 0, max: 1, block: { attributes: [], blocks: [] } }],
  });
  const block = readFields(bytesField(readFields(encoded), 2) ?? new Uint8Array());
  const attribute = readFields(bytesField(block, 2) ?? new Uint8Array());
  expect(textField(attribute, 1)).toBe("tags");
  expect(textField(attribute, 2)).toBe('["map","string"]');
  expect([4, 5, 6, 7, 10].map((number) => attribute.get(number)?.[0])).toEqual([
    undefined,
    1n,
    1n,
    1n,
    undefined,
  ]);
  const nested = readFields(bytesField(block, 3) ?? new Uint8Array());
  expect(textField(nested, 1)).toBe("vpc_config");
  expect([3, 4, 5].map((number) => nested.get(number)?.[0])).toEqual([2n, undefined, 1n]);
});
