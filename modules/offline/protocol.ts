import type { Block, Attribute, NestedBlock, Nesting } from "./schema";

/**
 * The few protobuf messages of Terraform's plugin protocol, version 5, that a provider reads and writes.
 * @see https://github.com/hashicorp/terraform/blob/v1.11.4/docs/plugin-protocol/tfplugin5.7.proto
 */

/** Fields of one protobuf message by number, in the order of arrival: numbers for varints, bytes for the rest. */
export type Fields = Map<number, (bigint | Uint8Array)[]>;

/**
 * Reads the fields of one protobuf message.
 * @throws RangeError when the message ends early or uses a wire type other than varint, bytes or a fixed width.
 */
export function readFields(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError("protobuf: the message ends early");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("protobuf: a number has more than ten bytes");
  };
  const chunk = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError("protobuf: the message ends early");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    let value: bigint | Uint8Array;
    if (wire === 0) value = varint();
    else if (wire === 1) value = chunk(8);
    else if (wire === 2) value = chunk(Number(varint()));
    else if (wire === 5) value = chunk(4);
    else throw new RangeError(`protobuf: unknown wire type ${wire}`);
    const values = fields.get(key >>> 3);
    if (values === undefined) fields.set(key >>> 3, [value]);
    else values.push(value);
  }
  return fields;
}

/** The last value of a bytes field, or undefined when the message lacks it. */
export function bytesField(fields: Fields, number: number): Uint8Array | undefined {
  const value = fields.get(number)?.at(-1);
  return value instanceof Uint8Array ? value : undefined;
}

/** The last value of a text field, "" when the message lacks it. */
export function textField(fields: Fields, number: number): string {
  return Buffer.from(bytesField(fields, number) ?? new Uint8Array()).toString("utf8");
}

/** What a field may be written from; undefined, false, 0 and "" are left out, as protobuf's defaults are. */
export type FieldValue = string | Uint8Array | number | bigint | boolean | undefined;

/** Writes one message from pairs of field number and value; repeated fields are repeated pairs. */
export function writeFields(...pairs: [number, FieldValue][]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of pairs) {
    if (value === undefined || value === false || value === 0 || value === 0n || value === "") continue;
    if (typeof value === "string" || value instanceof Uint8Array) {
      const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
      parts.push(varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes);
    } else {
      parts.push(varint(BigInt(number * 8)), varint(BigInt.asUintN(64, BigInt(value))));
    }
  }
  return Buffer.concat(parts);
}

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}

/** One step into a value: an attribute or block by name, a list element by index, a map element by key. */
export type PathStep = { name: string } | { index: number } | { key: string };
export type Path = readonly PathStep[];

/** A finding that Terraform prints to the user, with the place in the configuration it belongs to. */
export interface Diagnostic {
  severity: "error" | "warning";
  summary: string;
  detail: string;
  path?: Path;
}

export function encodePath(path: Path): Uint8Array {
  return writeFields(
    ...path.map((step): [number, Uint8Array] => {
      if ("name" in step) return [1, writeFields([1, step.name])];
      if ("key" in step) return [1, writeFields([2, step.key])];
      // A first element's index is 0, which writeFields would leave out: the choice between the kinds of step
      // must be written even when its value is the default.
      return [1, step.index === 0 ? Uint8Array.of(0x18, 0) : writeFields([3, step.index])];
    }),
  );
}

export function encodeDiagnostic(diagnostic: Diagnostic): Uint8Array {
  return writeFields(
    [1, diagnostic.severity === "error" ? 1 : 2],
    [2, diagnostic.summary],
    [3, diagnostic.detail],
    [4, diagnostic.path === undefined ? undefined : encodePath(diagnostic.path)],
  );
}

const NESTING: Record<Nesting, number> = { single: 1, list: 2, set: 3, map: 4 };

/** A schema of one type (or of the provider's own configuration) as `GetSchema` answers it. */
export function encodeSchema(block: Block): Uint8Array {
  return writeFields([2, encodeBlock(block)]);
}

function encodeBlock(block: Block): Uint8Array {
  return writeFields(
    ...block.attributes.map((attribute): [number, Uint8Array] => [2, encodeAttribute(attribute)]),
    ...block.blocks.map((nested): [number, Uint8Array] => [3, encodeNested(nested)]),
  );
}

function encodeAttribute(attribute: Attribute): Uint8Array {
  return writeFields(
    [1, attribute.name],
    [2, JSON.stringify(attribute.type)],
    [4, attribute.required],
    [5, attribute.optional],
    [6, attribute.computed],
    [7, attribute.sensitive],
    [10, attribute.writeOnly],
  );
}

function encodeNested(nested: NestedBlock): Uint8Array {
  return writeFields(
    [1, nested.name],
    [2, encodeBlock(nested.block)],
    [3, NESTING[nested.nesting]],
    [4, nested.min],
    [5, nested.max],
  );
}
