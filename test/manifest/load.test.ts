import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATA_LIMITS, valueAt } from "../../modules/manifest/data";
import {
  isPositioned,
  loadManifestFile,
  loadManifestText,
  loadManifestValue,
} from "../../modules/manifest/load";

const load = (text: string) => loadManifestText(text, "m.yaml", "/project");

describe("loadManifestText", () => {
  test("reads YAML and JSON alike", () => {
    const yaml = load("a: 1\nb:\n  - x\n  - { c: true, d: null }\n");
    const json = load('{"a": 1, "b": ["x", {"c": true, "d": null}]}');
    expect(yaml.findings).toEqual([]);
    expect(yaml.source.data).toEqual({ a: 1, b: ["x", { c: true, d: null }] });
    expect(json.source.data).toEqual(yaml.source.data);
  });

  test("takes keys that are numbers or booleans as text", () => {
    expect(load("8080: a\ntrue: b\non: c\n").source.data).toEqual({ "8080": "a", true: "b", on: "c" });
  });

  test("reads YAML 1.2: only true and false are booleans, octal is 0o", () => {
    expect(load("a: yes\nb: no\nc: 010\nd: 0o10\ne: True\n").source.data).toEqual({
      a: "yes",
      b: "no",
      c: 10,
      d: 8,
      e: true,
    });
  });

  test.each([
    ["", "the file is empty"],
    ["# only a comment\n", "the file is empty"],
    ["---\n---\n", "the file holds 2 YAML documents; a manifest is one"],
  ])("%j: %s", (text, message) => {
    expect(load(text).findings).toMatchObject([{ code: "YAML_SYNTAX", path: [], message }]);
  });

  test("names tabs and what to do about them", () => {
    const [finding] = load("a:\n\tb: 1\n").findings;
    expect(finding).toMatchObject({
      code: "YAML_SYNTAX",
      message: "Tabs are not allowed as indentation",
      fix: "indent with spaces",
      position: { line: 2, column: 1 },
    });
  });

  test("reports one slip once, and slips on several lines each", () => {
    expect(load("a: [\nb: }\n").findings.length).toBeLessThanOrEqual(3);
    const lines = load('a: "x" y\nb: "x" y\n').findings.map(
      (finding) => isPositioned(finding) && finding.position.line,
    );
    expect(lines).toEqual([1, 2]);
  });

  test("places a duplicate key at the second", () => {
    expect(load("a: 1\nb:\n  c: 1\n  c: 2\n").findings).toMatchObject([
      { code: "YAML_DUPLICATE_KEY", path: ["b", "c"], position: { line: 4, column: 3 } },
    ]);
  });

  test("keeps the first of two", () => {
    expect(load("a: 1\na: 2\n").source.data).toEqual({ a: 1 });
  });

  test("refuses every value that is not inert, and keeps the rest", () => {
    const { source, findings } = load('a: "TfToken["\nb: 1e999\nc: "\\0"\nd: fine\n__proto__: x\n');
    expect(source.data).toEqual({ a: null, b: null, c: null, d: "fine" });
    expect(findings.map(({ code, path }) => [code, path])).toEqual([
      ["TOKEN_LIKE", ["a"]],
      ["NUMBER_RANGE", ["b"]],
      ["CONTROL_CHARACTER", ["c"]],
      ["FORBIDDEN_KEY", []],
    ]);
  });

  test.each([
    [DATA_LIMITS.nodes - 2, 0],
    [DATA_LIMITS.nodes - 1, 1],
  ])("a list of %d values brings %d findings", (length, count) => {
    // The document and the list are values too.
    const text = JSON.stringify({ a: Array.from({ length }, () => 1) });
    expect(load(text).findings.filter(({ code }) => code === "YAML_TOO_LARGE")).toHaveLength(count);
  });
});

describe("positions", () => {
  const { source } = load(
    ["name: x", "model:", "  image: y", "list:", "  - a", "  - { b: 1 }", 'quoted: "z"', "empty:", ""].join(
      "\n",
    ),
  );

  test.each([
    [["name"], false, 1, 7],
    [["name"], true, 1, 1],
    [["model"], false, 2, 1],
    [["model", "image"], false, 3, 10],
    [["model", "image"], true, 3, 3],
    [["list", 0], false, 5, 5],
    [["list", 1, "b"], false, 6, 10],
    [["list", 9], false, 4, 1],
    [["quoted"], false, 7, 9],
    [["nothing", "below"], false, 1, 1],
    [["model", "absent"], false, 2, 1],
    [[], false, 1, 1],
  ])("%j (key: %p) stands at %d:%d", (path, atKey, line, column) => {
    expect(source.locate(path, atKey)).toEqual({ line, column });
  });

  test("spelling is the file's", () => {
    const { source: other } = load("a: 012\nb: [0x1F]\nc: { d: x }\n");
    expect(other.spelling(["a"])).toBe("012");
    expect(other.spelling(["b", 0])).toBe("0x1F");
    expect(other.spelling(["c"])).toBeUndefined();
    expect(other.spelling(["c", "d", "e"])).toBeUndefined();
    expect(other.spelling(["x"])).toBeUndefined();
  });

  test("hold for CRLF and behind a byte order mark", () => {
    expect(load("a: 1\r\nb: 2\r\n").source.locate(["b"])).toEqual({ line: 2, column: 4 });
    expect(load("\ufeffa: 1\n").source.data).toEqual({ a: 1 });
  });
});

describe("loadManifestFile", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "load-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (content: string | Uint8Array) => {
    writeFileSync(join(folder, "m.yaml"), content);
    return loadManifestFile(join(folder, "m.yaml"));
  };

  test("knows its folder", () => {
    const { source, findings } = write("a: 1\n");
    expect(findings).toEqual([]);
    expect(source.directory).toBe(folder);
    expect(source.file).toBe(join(folder, "m.yaml"));
  });

  test.each([
    ["UTF-16", Buffer.from("\ufeffa: 1", "utf16le"), "is not UTF-8 text"],
    ["Latin-1", Buffer.from([0x61, 0x3a, 0x20, 0xe9]), "is not UTF-8 text"],
  ])("refuses %s", (_what, content, message) => {
    expect(write(content).findings).toMatchObject([{ code: "FILE_UNREADABLE", message }]);
  });

  test("takes a file of the largest size, and none a byte larger", () => {
    const body = "a: 1\n#";
    const filled = (size: number) => body + "x".repeat(size - body.length);
    expect(write(filled(DATA_LIMITS.fileBytes)).findings).toEqual([]);
    expect(write(filled(DATA_LIMITS.fileBytes + 1)).findings).toMatchObject([{ code: "FILE_TOO_LARGE" }]);
  });

  test("says what is wrong with a file that is none", () => {
    expect(loadManifestFile(join(folder, "none")).findings).toMatchObject([
      { code: "FILE_UNREADABLE", message: "does not exist" },
    ]);
    expect(loadManifestFile(folder).findings).toMatchObject([
      { code: "FILE_UNREADABLE", message: "is not a file" },
    ]);
  });

  (process.getuid?.() === 0 ? test.skip : test)("says so where it may not be read", () => {
    write("a: 1\n");
    chmodSync(join(folder, "m.yaml"), 0);
    expect(loadManifestFile(join(folder, "m.yaml")).findings).toMatchObject([
      { code: "FILE_UNREADABLE", message: "cannot be read (EACCES)" },
    ]);
  });
});

describe("loadManifestValue", () => {
  test("takes plain data, absent values left out", () => {
    const { source, findings } = loadManifestValue({ a: 1, b: undefined, c: [null, "x"] }, "/p");
    expect(findings).toEqual([]);
    expect(source.data).toEqual({ a: 1, c: [null, "x"] });
    expect(source.locate(["a"])).toEqual({ line: 0, column: 0 });
  });

  test("takes maps without a prototype", () => {
    const map = Object.assign(Object.create(null) as object, { a: 1 });
    expect(loadManifestValue(map, "/p").source.data).toEqual({ a: 1 });
  });

  test("is not led astray by getters and stays apart from what it was given", () => {
    const given = { list: ["a"] };
    const { source } = loadManifestValue(given, "/p");
    given.list.push("b");
    expect(source.data).toEqual({ list: ["a"] });
  });
});

describe("valueAt", () => {
  const data = { a: [{ b: 1 }], c: null };
  test.each([
    [["a", 0, "b"], 1],
    [["a", "0"], undefined],
    [["c"], null],
    [["c", "d"], undefined],
    [["toString"], undefined],
    [["a", "length"], undefined],
    [[], data],
  ])("%j", (path, value) => {
    expect(valueAt(data, path)).toEqual(value);
  });
});
