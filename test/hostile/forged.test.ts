import { inspect } from "node:util";
import { App, Fn, Lazy, TerraformLocal, TerraformStack, TerraformVariable, Token } from "cdktf";
import { assert as check, constantFrom, nat, property, tuple } from "fast-check";
import { ModelDeployment } from "../../modules/deployment/model-deployment";
import { type Issue, ManifestError } from "../../modules/issues/issue";
import type { ManifestInput } from "../../modules/manifest/schema";
import { inFolder } from "./folder";
import { loadManifestText } from "../../modules/manifest/load";
import { resolveManifest } from "../../modules/plan/resolve";
import { targets } from "../../targets";
import { baseManifest, errorCodes, type Json } from "../support/synth";

/** The issues of a deployment as a program writes it. */
function refusal(manifest: unknown): readonly Issue[] {
  return inFolder((outdir) => {
    try {
      new ModelDeployment(new App({ outdir }), "model", {
        manifest: manifest as ManifestInput,
        target: "sagemaker-realtime",
      });
      return [];
    } catch (error) {
      if (error instanceof ManifestError) return error.issues;
      throw error;
    }
  });
}

/** A stack with a secret variable, whose references are forged. */
function realTokens(): Readonly<Record<string, unknown>> {
  return inFolder((outdir) => {
    const stack = new TerraformStack(new App({ outdir }), "s");
    const secret = new TerraformVariable(stack, "secret", { type: "string", sensitive: true });
    const local = new TerraformLocal(stack, "local", { a: 1 });
    return {
      "a variable's text": secret.stringValue,
      "a variable's number": secret.numberValue,
      "a variable's list": secret.listValue,
      "a variable's flag": secret.booleanValue,
      "a variable as it is": secret.value,
      "a variable itself": secret,
      "a local's text": local.asString,
      "a local's number": local.asNumber,
      "a local's list": local.asList,
      "a local's map": local.asStringMap,
      "a local as it is": local.expression,
      "a stack": stack,
    };
  });
}

const lazy = { produce: () => "x" };
const resolvable = { resolve: () => "x", creationStack: [], toString: () => "x" };

/** A cdktf token of every kind there is, made by cdktf itself. */
const TOKENS: Readonly<Record<string, unknown>> = {
  ...realTokens(),
  "text of a resolvable": Token.asString({ resolve: () => "x" }),
  "text of a literal": Token.asString({ a: 1 }),
  "a number of a resolvable": Token.asNumber({ resolve: () => 1 }),
  "a list of a resolvable": Token.asList({ resolve: () => ["x"] }),
  "a map of texts": Token.asStringMap({ resolve: () => ({ a: "x" }) }),
  "a map of numbers": Token.asNumberMap({ resolve: () => ({ a: 1 }) }),
  "a map of flags": Token.asBooleanMap({ resolve: () => ({ a: true }) }),
  "a map of anything": Token.asAnyMap({ resolve: () => ({ a: true }) }),
  "a resolvable as it is": Token.asAny({ resolve: () => "x" }),
  "a resolvable of our own": resolvable,
  "a lazy text": Lazy.stringValue(lazy),
  "a lazy number": Lazy.numberValue({ produce: () => 1 }),
  "a lazy list": Lazy.listValue({ produce: () => ["x"] }),
  "a lazy value": Lazy.anyValue(lazy),
  "a function's text": Fn.file("/etc/passwd"),
  "a function's number": Fn.lengthOf(["a"]),
  "a function's list": Fn.split(",", "a,b"),
  "a function's map": Fn.merge([{ a: "x" }]),
  "a function's value": Fn.jsondecode("1"),
  "a raw string": Fn.rawString("${x}"),
  "text around a token": `before ${Token.asString({ resolve: () => "x" })} after`,
};

/** What a token looks like to cdktf, written by hand. */
const FORGED: Readonly<Record<string, unknown>> = {
  "the text of a token": "${TfToken[TOKEN.0]}",
  "the text of a named token": "${TfToken[anything.12]}",
  "a token without an end": "x ${TfToken[TOKEN.0",
  "the list of a token": ["#{TfToken[TOKEN.0]}"],
  "a list with a token": ["a", "${TfToken[TOKEN.0]}", "b"],
  "the map of a token": { "${TfToken[TOKEN.0]}": "" },
  "the map of a token, its other key": { "&{TfToken[TOKEN.0]}": "String Map" },
  "a map with a token": { a: "${TfToken[TOKEN.0]}" },
  "the number of a token": -1.8881545897087827e289,
  "the number of a later token": -8.10956221259138e298,
  infinity: Infinity,
  "no number": NaN,
};

class Getter {
  get a(): string {
    return "x";
  }
}
class Text extends String {}

/** What is no data, or only as long as nobody looks twice. */
const THINGS: Readonly<Record<string, unknown>> = {
  "a function": () => "x",
  "an async function": async () => Promise.resolve("x"),
  "a class": Getter,
  "a symbol": Symbol("x"),
  "a symbol of the registry": Symbol.for("x"),
  "a bigint": 1n,
  "a date": new Date(0),
  "an invalid date": new Date(NaN),
  "a map": new Map([["a", "x"]]),
  "a set": new Set(["x"]),
  "a weak map": new WeakMap(),
  "a regular expression": /x/,
  "an error": new Error("x"),
  "a promise": Promise.resolve("x"),
  "a buffer": Buffer.from("x"),
  "an array of numbers": new Float64Array(1),
  "an array buffer": new ArrayBuffer(1),
  "a URL": new URL("https://x"),
  "an instance": new Getter(),
  "a boxed text": new Text("x"),
  "a boxed number": Object(1) as unknown,
  "a boxed flag": Object(true) as unknown,
  "a list with a hole": Object.assign(new Array<string>(3), { 0: "x", 2: "x" }),
  "a list with a key": Object.assign(["x"], { key: "x" }),
  "a getter": Object.defineProperty({}, "a", { enumerable: true, get: () => "x" }),
  "a getter that fails": Object.defineProperty({}, "a", {
    enumerable: true,
    get: () => {
      throw new Error("looked");
    },
  }),
  "a setter": Object.defineProperty({}, "a", { enumerable: true, set: () => undefined }),
  "a getter in a list": Object.defineProperty(["x"], 0, { enumerable: true, get: () => "x" }),
  "a field under a symbol": { [Symbol("a")]: "x" },
  "a method": { a: () => "x" },
  "a toJSON": { toJSON: () => "x" },
  "a proxy of a map": new Proxy({ a: "x" }, {}),
  "a proxy of a list": new Proxy(["x"], {}),
  "a proxy that fails": new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("looked");
      },
      getPrototypeOf: () => {
        throw new Error("looked");
      },
    },
  ),
  "a proxy that is gone": (() => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  })(),
  "an heir": Object.create({ a: "x" }) as unknown,
  arguments: (function given() {
    // eslint-disable-next-line prefer-rest-params -- the object itself is what is asked about
    return arguments;
  })(),
  "the global object": globalThis,
  "a module": process,
};

type Wrap = (thing: unknown) => Json;

/** Places of every kind: text, map, map's value, list, number, a target's options, an overlay. */
const PLACES: Readonly<Record<string, readonly [string, Wrap]>> = {
  "as text": ["description", (thing) => ({ description: thing })],
  "as a map": ["tags", (thing) => ({ tags: thing })],
  "in a map": ["tags.a", (thing) => ({ tags: { a: thing } })],
  "in a variable": [
    "model.environment.A",
    (thing) => ({ model: { ...(baseManifest().model as Json), environment: { A: thing } } }),
  ],
  "as a number": ["scaling.min", (thing) => ({ scaling: { min: thing } })],
  "as a list": [
    "network.subnetIds",
    (thing) => ({ network: { vpcId: "vpc-0a1b2c3d4e5f60718", subnetIds: thing } }),
  ],
  "in a list": ["scaling.policies[0]", (thing) => ({ scaling: { policies: [thing] } })],
  "in options": [
    "targets.sagemaker-realtime.instanceType",
    (thing) => ({ targets: { "sagemaker-realtime": { instanceType: thing } } }),
  ],
  "as options": ["targets.sagemaker-realtime", (thing) => ({ targets: { "sagemaker-realtime": thing } })],
  "in an overlay that does not apply": [
    "environments.prod.description",
    (thing) => ({ environments: { prod: { description: thing } } }),
  ],
  "in options of another target": [
    "targets.lambda.memory",
    (thing) => ({ targets: { "sagemaker-realtime": {}, lambda: { memory: thing } } }),
  ],
};

const CODES = ["TOKEN_LIKE", "NUMBER_RANGE", "TYPE", "CONTROL_CHARACTER", "YAML_TOO_DEEP"];

/** Every issue has a place, and one of them is about the thing itself or what is in it. */
function expectRefusal(thing: unknown, [path, wrap]: readonly [string, Wrap]): void {
  const issues = refusal(baseManifest(wrap(thing)));
  const about = issues.filter((issue) => issue.severity === "error" && issue.path.startsWith(path));
  expect({ thing: inspect(thing, { depth: 0 }).slice(0, 100), codes: about.map(({ code }) => code) }).toEqual(
    {
      thing: expect.any(String) as string,
      codes: expect.arrayContaining([
        expect.stringMatching(new RegExp(`^(?:${CODES.join("|")})$`)),
      ]) as string[],
    },
  );
  for (const { file, message } of issues) {
    expect(file).toBe("manifest");
    expect(message).not.toMatch(/undefined|\[object|looked/);
  }
}

const ALL = { ...TOKENS, ...FORGED, ...THINGS };

describe.each(Object.entries(PLACES))("%s", (_place, place) => {
  test.each(Object.entries(ALL))("%s is refused", (_what, thing) => {
    expectRefusal(thing, place);
  });
});

test.each(Object.entries({ ...TOKENS, ...THINGS }).filter(([what]) => !what.startsWith("a variable's flag")))(
  "%s as the whole manifest is refused",
  (_what, thing) => {
    const issues = refusal(thing);
    expect(issues.filter(({ severity }) => severity === "error")).not.toEqual([]);
  },
);

test("as a key, in every map", () => {
  const texts = Object.values(ALL).filter((thing): thing is string => typeof thing === "string");
  expect(texts.length).toBeGreaterThan(8);
  for (const text of texts) {
    for (const [path, wrap] of [
      ["tags", (key: string) => ({ tags: { [key]: "x" } })],
      [
        "model.environment",
        (key: string) => ({ model: { ...(baseManifest().model as Json), environment: { [key]: "x" } } }),
      ],
      [
        "model.secrets",
        (key: string) => ({ model: { ...(baseManifest().model as Json), secrets: { [key]: "x" } } }),
      ],
      ["targets", (key: string) => ({ targets: { [key]: {} } })],
      ["environments", (key: string) => ({ environments: { [key]: {} } })],
      ["", (key: string) => ({ [key]: 1 })],
    ] as const) {
      const [issue] = refusal(baseManifest(wrap(text))).filter(({ code }) => code === "TOKEN_LIKE");
      expect(issue).toMatchObject({ code: "TOKEN_LIKE", path });
    }
  }
});

test("at any depth, among any neighbours", () => {
  const things = Object.values(ALL);
  check(
    property(nat(things.length - 1), nat(20), constantFrom("list", "map", "both"), (index, depth, how) => {
      let data: unknown = things[index];
      for (let level = 0; level < depth; level += 1) {
        const asList = how === "list" || (how === "both" && level % 2 === 0);
        data = asList ? ["x", data, 1] : { a: "x", b: data, c: null };
      }
      const issues = refusal(baseManifest({ tags: data }));
      expect(issues.filter(({ severity }) => severity === "error")).not.toEqual([]);
    }),
    { numRuns: 400, seed: 20_261_123 },
  );
});

test("what a program reads twice is read once", () => {
  let looks = 0;
  const sly = Object.defineProperty({}, "a", {
    enumerable: true,
    get: () => {
      looks += 1;
      return looks === 1 ? "harmless" : "${TfToken[TOKEN.0]}";
    },
  });
  expect(refusal(baseManifest({ tags: sly })).map(({ code }) => code)).toContain("TYPE");
  expect(looks).toBe(0);
});

test("in a file, with the line", () => {
  const places = tuple(constantFrom("description", "tags", "account", "name", "region"), nat(2));
  const forged = Object.values(FORGED);
  check(
    property(places, nat(forged.length - 1), ([field, before], index) => {
      const value = forged[index];
      const written =
        typeof value === "number"
          ? Number.isNaN(value)
            ? ".nan"
            : Number.isFinite(value)
              ? String(value)
              : ".inf"
          : JSON.stringify(value);
      const text = `${"# a comment\n".repeat(before)}apiVersion: modelport/v1\n${field}: ${written}\n`;
      const { issues } = resolveManifest(loadManifestText(text, "m.yaml", process.cwd()), {
        environment: null,
        targets: ["lambda"],
        registry: targets,
      });
      expect(issues.filter(({ code }) => code === "TOKEN_LIKE" || code === "NUMBER_RANGE")).toMatchObject([
        { file: "m.yaml", line: before + 2 },
      ]);
    }),
    { numRuns: 200, seed: 20_261_123 },
  );
});

test("data without a fault is taken, whatever its prototype", () => {
  const bare: unknown = Object.assign(Object.create(null) as object, { team: "risk" });
  expect(errorCodes({ manifest: baseManifest({ tags: bare }), target: "sagemaker-realtime" })).toEqual([]);
  const frozen = Object.freeze({ team: "risk", none: undefined });
  expect(errorCodes({ manifest: baseManifest({ tags: frozen }), target: "sagemaker-realtime" })).toEqual([]);
});
