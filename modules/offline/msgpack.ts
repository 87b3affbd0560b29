/** A value Terraform core exchanges with a provider, as MessagePack carries it. */
export type Value = null | boolean | number | bigint | string | Uint8Array | Unknown | Value[] | ValueMap;

/** An object, map or block: every key is present, absent values are null. */
export interface ValueMap {
  [key: string]: Value;
}

/**
 * A value that is only known after apply. Terraform encodes it as a MessagePack extension, with or without
 * refinements ("not null", "begins with"); the bytes are kept so that a refined unknown survives a round trip.
 */
export class Unknown {
  constructor(readonly raw: Uint8Array) {}
}

/** The plain unknown value, without refinements. */
export const UNKNOWN = new Unknown(Uint8Array.of(0xd4, 0, 0));

/** Whether the value is an object, map or block. */
export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Uint8Array)
  );
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Decodes one MessagePack document.
 * @throws RangeError when the bytes end early, have a tail, or use a code MessagePack does not define.
 */
export function decode(bytes: Uint8Array): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  const take = (length: number): number => {
    const start = at;
    if (start + length > bytes.length) throw new RangeError("msgpack: the document ends early");
    at += length;
    return start;
  };
  const text = (length: number): string => {
    const start = take(length);
    return decoder.decode(bytes.subarray(start, start + length));
  };
  const binary = (length: number): Uint8Array => {
    const start = take(length);
    return bytes.slice(start, start + length);
  };
  const list = (length: number): Value[] => {
    const out: Value[] = [];
    for (let i = 0; i < length; i++) out.push(read());
    return out;
  };
  const map = (length: number): ValueMap => {
    const entries: [string, Value][] = [];
    for (let i = 0; i < length; i++) {
      const key = read();
      if (typeof key !== "string") throw new RangeError("msgpack: a map key must be a string");
      entries.push([key, read()]);
    }
    return Object.fromEntries(entries);
  };
  const extension = (start: number, length: number): Unknown => {
    take(length + 1);
    return new Unknown(bytes.slice(start, at));
  };
  const wide = (value: bigint): number | bigint =>
    value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : value;

  function read(): Value {
    const start = take(1);
    const code = view.getUint8(start);
    if (code <= 0x7f) return code;
    if (code <= 0x8f) return map(code & 0x0f);
    if (code <= 0x9f) return list(code & 0x0f);
    if (code <= 0xbf) return text(code & 0x1f);
    if (code >= 0xe0) return code - 0x100;
    switch (code) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return binary(view.getUint8(take(1)));
      case 0xc5:
        return binary(view.getUint16(take(2)));
      case 0xc6:
        return binary(view.getUint32(take(4)));
      case 0xc7:
        return extension(start, view.getUint8(take(1)));
      case 0xc8:
        return extension(start, view.getUint16(take(2)));
      case 0xc9:
        return extension(start, view.getUint32(take(4)));
      case 0xca:
        return view.getFloat32(take(4));
      case 0xcb:
        return view.getFloat64(take(8));
      case 0xcc:
        return view.getUint8(take(1));
      case 0xcd:
        return view.getUint16(take(2));
      case 0xce:
        return view.getUint32(take(4));
      case 0xcf:
        return wide(view.getBigUint64(take(8)));
      case 0xd0:
        return view.getInt8(take(1));
      case 0xd1:
        return view.getInt16(take(2));
      case 0xd2:
        return view.getInt32(take(4));
      case 0xd3:
        return wide(view.getBigInt64(take(8)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return extension(start, 1 << (code - 0xd4));
      case 0xd9:
        return text(view.getUint8(take(1)));
      case 0xda:
        return text(view.getUint16(take(2)));
      case 0xdb:
        return text(view.getUint32(take(4)));
      case 0xdc:
        return list(view.getUint16(take(2)));
      case 0xdd:
        return list(view.getUint32(take(4)));
      case 0xde:
        return map(view.getUint16(take(2)));
      case 0xdf:
        return map(view.getUint32(take(4)));
      default:
        throw new RangeError(`msgpack: unknown code 0x${code.toString(16)}`);
    }
  }

  const value = read();
  if (at !== bytes.length) throw new RangeError(`msgpack: ${bytes.length - at} bytes follow the document`);
  return value;
}

/** Encodes one value as a MessagePack document. */
export function encode(value: Value): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

function write(value: Value, out: Uint8Array[]): void {
  if (value === null) out.push(Uint8Array.of(0xc0));
  else if (typeof value === "boolean") out.push(Uint8Array.of(value ? 0xc3 : 0xc2));
  else if (typeof value === "number") out.push(Number.isSafeInteger(value) ? integer(value) : float(value));
  else if (typeof value === "bigint") out.push(bigInteger(value));
  else if (typeof value === "string") {
    const bytes = Buffer.from(value, "utf8");
    out.push(header(bytes.length, { fix: [0xa0, 31], codes: [0xd9, 0xda, 0xdb] }), bytes);
  } else if (value instanceof Unknown) out.push(value.raw);
  else if (value instanceof Uint8Array) out.push(header(value.length, { codes: [0xc4, 0xc5, 0xc6] }), value);
  else if (Array.isArray(value)) {
    out.push(header(value.length, { fix: [0x90, 15], codes: [undefined, 0xdc, 0xdd] }));
    for (const item of value) write(item, out);
  } else {
    const entries = Object.entries(value);
    out.push(header(entries.length, { fix: [0x80, 15], codes: [undefined, 0xde, 0xdf] }));
    for (const [key, item] of entries) {
      write(key, out);
      write(item, out);
    }
  }
}

interface HeaderCodes {
  /** Base code and largest length of the one-byte form. */
  fix?: [number, number];
  /** Codes of the forms with an 8, 16 and 32 bit length. */
  codes: [number | undefined, number, number];
}

function header(length: number, { fix, codes }: HeaderCodes): Uint8Array {
  if (fix !== undefined && length <= fix[1]) return Uint8Array.of(fix[0] | length);
  if (codes[0] !== undefined && length <= 0xff) return Uint8Array.of(codes[0], length);
  const out = Buffer.alloc(length <= 0xffff ? 3 : 5);
  out.writeUInt8(length <= 0xffff ? codes[1] : codes[2]);
  if (length <= 0xffff) out.writeUInt16BE(length, 1);
  else out.writeUInt32BE(length, 1);
  return out;
}

function integer(value: number): Uint8Array {
  if (value >= 0 && value <= 0x7f) return Uint8Array.of(value);
  if (value < 0 && value >= -32) return Uint8Array.of(value + 0x100);
  if (value >= -0x80000000 && value <= 0x7fffffff) {
    const out = Buffer.alloc(5);
    out.writeUInt8(0xd2);
    out.writeInt32BE(value, 1);
    return out;
  }
  return bigInteger(BigInt(value));
}

function bigInteger(value: bigint): Uint8Array {
  const out = Buffer.alloc(9);
  if (value >= 0n) {
    out.writeUInt8(0xcf);
    out.writeBigUInt64BE(value, 1);
  } else {
    out.writeUInt8(0xd3);
    out.writeBigInt64BE(value, 1);
  }
  return out;
}

function float(value: number): Uint8Array {
  const out = Buffer.alloc(9);
  out.writeUInt8(0xcb);
  out.writeDoubleBE(value, 1);
  return out;
}

/** Whether two values are the same. An unknown equals nothing but an identical unknown. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof Unknown || b instanceof Unknown) {
    return a instanceof Unknown && b instanceof Unknown && Buffer.compare(a.raw, b.raw) === 0;
  }
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => equal(item, b[i] ?? null))
    );
  }
  if (!isMap(a) || !isMap(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => equal(a[key] ?? null, b[key] ?? null));
}

/** Whether the value, or anything in it, is only known after apply. */
export function hasUnknown(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isMap(value) && Object.values(value).some(hasUnknown);
}
