import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Fn, Token } from "cdktf";
import { assert, array, constantFrom, integer, property, sample, string, tuple } from "fast-check";
import { synthesizeManifests } from "../modules/app/synthesize";
import { ModelDeployment } from "../modules/deployment/model-deployment";
import { ManifestError, formatIssue } from "../modules/issues/issue";
import { loadManifestText } from "../modules/manifest/load";
import { runTerraform, Stage, startOfflineProviders } from "../modules/offline";
import { parseImageReference } from "../modules/aws/image-reference";
import { constructId } from "../modules/stack/names";
import { escapeTemplate, unescapeTemplate } from "../modules/stack/seal";
import { targets } from "../targets";
import { CACHE, describeWithTerraform } from "./offline/support";
import { cli } from "./support/cli";
import {
  baseManifest,
  errorCodes,
  issues,
  type Json,
  MANIFEST_TEXT,
  only,
  resolve,
  synth,
} from "./support/synth";

const DIGEST = `sha256:${"a".repeat(64)}`;
const YAML = MANIFEST_TEXT;

const codesOf = (extra: string) => errorCodes({ text: YAML + extra });

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "security-"));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  try {
    const result = use(folder);
    if (result instanceof Promise) return result.finally(clean) as T;
    clean();
    return result;
  } catch (error) {
    clean();
    throw error;
  }
}

describe("what would become an expression", () => {
  test.each([
    ["a token as text", 'description: "${TfToken[TOKEN.0]}"\n'],
    ["a token in a list", 'description: ["#{TfToken[TOKEN.2]}"]\n'],
    ["a token as a map's key", 'tags: { "${TfToken[TOKEN.0]}": risk }\n'],
    ["a token within text", 'description: "before ${TfToken[string.12]} after"\n'],
    ["a token in an overlay", 'environments: { prod: { description: "${TfToken[TOKEN.0]}" } }\n'],
    ["a token in a target's options", 'targets: { lambda: { "TfToken[": 1 } }\n'],
  ])("%s is refused", (_what, extra) => {
    expect(codesOf(extra)).toContain("TOKEN_LIKE");
  });

  test.each([
    "-8.10956221259138e+298",
    "-1.8881545897087827e+289",
    "1e400",
    ".inf",
    "-.inf",
    ".nan",
    "9007199254740992",
    "-9007199254740992",
  ])("the number %s is refused", (number) => {
    expect(codesOf(`scaling: { min: ${number} }\n`)).toEqual(["NUMBER_RANGE"]);
  });

  test.each(["9007199254740991", "-9007199254740991"])("the number %s is only out of range", (number) => {
    expect(codesOf(`scaling: { min: ${number} }\n`)).toEqual(["RANGE"]);
  });

  test.each([
    '${file("/etc/passwd")}',
    '${filebase64("/proc/self/environ")}',
    "%{ if true }yes%{ endif }",
    "$${already}",
    "$$${thrice}",
    "%%{ x }",
    "${${nested}}",
  ])("%s comes out literally", (text) => {
    const manifest = baseManifest({
      description: text,
      model: { ...(baseManifest().model as Json), environment: { NASTY: text } },
    });
    const stack = synth({ manifest, target: "sagemaker-realtime" }).stack("sagemaker-realtime");
    const { environment } = only(stack, "aws_sagemaker_model").primary_container as Json;
    expect((environment as Json).NASTY).toBe(escapeTemplate(text));
    expect(unescapeTemplate(escapeTemplate(text))).toBe(text);
  });
});

test.each(["${local.account_id}", "${data.terraform_remote_state.foundation.outputs.key_arn}"])(
  "%s, which our own constructs write too, is refused rather than told apart",
  (text) => {
    const manifest = baseManifest({ description: text });
    expect(() => synth({ manifest, target: "sagemaker-realtime" })).toThrow(/FOREIGN_EXPRESSION/);
  },
);

describe("YAML and JSON", () => {
  test.each([
    ["__proto__ in YAML", "tags: { __proto__: { team: risk } }\n", "FORBIDDEN_KEY"],
    ["constructor in YAML", "tags: { constructor: risk }\n", "FORBIDDEN_KEY"],
    ["prototype in YAML", "tags: { prototype: risk }\n", "FORBIDDEN_KEY"],
    ["a merge key", "tags: { <<: { team: risk } }\n", "FORMAT"],
    ["an anchor", "tags: &all { team: risk }\n", "YAML_ALIAS"],
    ["an anchor on a key", "tags: { &name team: risk }\n", "YAML_ALIAS"],
    ["an alias", "tags: *all\n", "YAML_ALIAS"],
    ["a custom tag", "description: !secret text\n", "YAML_TAG"],
    ["a JavaScript tag", "description: !!js/function 'text'\n", "YAML_TAG"],
    ["a binary", "description: !!binary aGVsbG8=\n", "YAML_TAG"],
    ["a set", "tags: !!set { a, b }\n", "YAML_TAG"],
    ["a key that is a list", "? [a, b]\n: c\n", "YAML_SYNTAX"],
    ["a duplicate key", "tags: { team: risk, team: fraud }\n", "YAML_DUPLICATE_KEY"],
    ["keys equal once they are text", 'tags: { 1: a, "1": b }\n', "YAML_DUPLICATE_KEY"],
    ["a second document", "---\na: b\n", "YAML_SYNTAX"],
    ["a NUL", 'description: "a\\0b"\n', "CONTROL_CHARACTER"],
    ["an escape", 'description: "\\e[31m"\n', "CONTROL_CHARACTER"],
    ["a C1 control", 'description: "\\x9b31m"\n', "CONTROL_CHARACTER"],
    ["a lone surrogate", 'description: "\\ud800"\n', "CONTROL_CHARACTER"],
    ["a line break in a key", '"a\\nb": 1\n', "CONTROL_CHARACTER"],
  ])("%s is refused", (_what, extra, code) => {
    expect(codesOf(extra)).toEqual([code]);
  });

  test("__proto__ in JSON is refused and pollutes nothing", () => {
    const text = '{"__proto__": {"polluted": true}, "tags": {"__proto__": "x"}}';
    expect(errorCodes({ text })).toContain("FORBIDDEN_KEY");
    expect(({} as Json).polluted).toBeUndefined();
  });

  test("a duplicate key in JSON is refused", () => {
    expect(errorCodes({ text: '{"name": "abc", "name": "def"}' })).toContain("YAML_DUPLICATE_KEY");
  });

  test("words of YAML 1.1 stay text, dates too", () => {
    expect(codesOf("tags: { a: yes, b: no, c: on, d: 2026-01-01 }\n")).toEqual([]);
  });

  test.each([
    ["a byte order mark", `\ufeff${YAML}`],
    ["CRLF", YAML.replace(/\n/g, "\r\n")],
    ["no line break at the end", YAML.trimEnd()],
  ])("%s is no fault", (_what, text) => {
    expect(issues({ text })).toEqual([]);
  });

  test.each([
    [
      "aliases that multiply",
      () => `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n`,
    ],
    ["20,000 aliases", () => `a: &a 1\nb: [${"*a,".repeat(20_000)}]\n`],
    ["10,000 unknown fields", () => Array.from({ length: 10_000 }, (_none, i) => `field${i}: 1\n`).join("")],
    [
      "19,000 bad tags",
      () => `tags:\n${Array.from({ length: 19_000 }, (_none, i) => ` k${i}: 1\n`).join("")}`,
    ],
    ["30,000 values", () => `tags: [${"1,".repeat(30_000)}]\n`],
    [
      "9,000 environments",
      () => `environments:\n${Array.from({ length: 9_000 }, (_none, i) => ` e${i}: {}\n`).join("")}`,
    ],
    ["8,000 policies", () => `scaling:\n policies:\n${"  - { type: x }\n".repeat(8_000)}`],
    ["60,000 nested lists", () => "[".repeat(60_000)],
    ["20,000 nested maps", () => "{a: ".repeat(20_000)],
    ["a nested block", () => Array.from({ length: 700 }, (_none, i) => `${" ".repeat(i)}a:\n`).join("")],
  ])("%s are refused in seconds, without overflowing", (_what, make) => {
    const text = make();
    const start = Date.now();
    expect(
      errorCodes({ text: text.startsWith("[") || text.startsWith("{") ? text : YAML + text }),
    ).not.toEqual([]);
    expect(Date.now() - start).toBeLessThan(8_000);
  });

  test.each([
    ["32 levels", 32, false],
    ["33 levels", 33, true],
  ])("%s", (_what, levels, tooDeep) => {
    // The document and `tags` are two of them.
    const inner = levels - 1;
    const { findings } = loadManifestText(`tags: ${"[".repeat(inner)}1${"]".repeat(inner)}\n`, "m.yaml", "/");
    expect(findings.map(({ code }) => code)).toEqual(tooDeep ? ["YAML_TOO_DEEP"] : []);
  });
});

describe("patterns", () => {
  const long = 200_000;
  const texts = [
    "a".repeat(long),
    "a-".repeat(long),
    "a.".repeat(long),
    "a/".repeat(long),
    "a:".repeat(long),
    "0".repeat(long),
    "a_".repeat(long),
    `arn:aws:iam::123456789012:role/${"a/".repeat(long)}`,
    `s3://bucket/${"a/".repeat(long)}!`,
    "../".repeat(long),
    `a${" ".repeat(long)}`,
    `${"-".repeat(long)}a`,
  ];
  const fields: readonly (readonly [string, (text: string) => Json])[] = [
    ["image", (text) => ({ model: { image: text } })],
    ["artifact", (text) => ({ model: { ...(baseManifest().model as Json), artifact: text } })],
    ["role", (text) => ({ security: { roleArn: text } })],
    ["key", (text) => ({ security: { kmsKeyArn: text } })],
    ["secret", (text) => ({ model: { ...(baseManifest().model as Json), secrets: { A: text } } })],
    ["domain", (text) => ({ network: { domain: text } })],
    ["zone", (text) => ({ network: { availabilityZones: [text, text] } })],
    ["region", (text) => ({ region: text })],
    ["cidr", (text) => ({ network: { cidr: text } })],
    ["memory", (text) => ({ resources: { cpu: 1, memory: text } })],
    ["interval", (text) => ({ rollout: { interval: text } })],
    ["tag", (text) => ({ tags: { team: text } })],
    ["cron", (text) => ({ scaling: { policies: [{ type: "scheduled", cron: text, min: 1 }] } })],
  ];
  const worst = (changes: Json): number => {
    const start = process.hrtime.bigint();
    resolve({ manifest: baseManifest(changes), target: "sagemaker-realtime" });
    return Number(process.hrtime.bigint() - start) / 1e6;
  };

  // Each alone takes a few milliseconds; what backtracks takes minutes.
  test.each(fields)("%s of 400,000 characters takes no time", (_name, changes) => {
    for (const text of texts) {
      const times = [worst(changes(text)), worst(changes(text)), worst(changes(text))];
      expect(Math.min(...times)).toBeLessThan(150);
    }
  });

  test("a long image reference is refused at once", () => {
    for (const text of texts) {
      const start = process.hrtime.bigint();
      expect(parseImageReference(text).ok).toBe(false);
      expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(50);
    }
  });
});

describe("paths", () => {
  const build = (context: string) => baseManifest({ model: { build: { context } } });

  test.each([
    "../server",
    "server/../../other",
    "/etc",
    "..",
    "a/..",
    "./../x",
    "~/x",
    "a\\..\\b",
    "$HOME",
    "a;b",
  ])("%s is refused as it stands", (context) => {
    const [issue] = issues({ manifest: build(context), target: "lambda" });
    expect(issue).toMatchObject({ code: "FORMAT", path: "model.build.context" });
  });

  test("links out of the project are refused, on the way, as the path and below it", () => {
    inFolder((folder) => {
      const project = join(folder, "project");
      mkdirSync(join(folder, "outside"));
      mkdirSync(join(project, "server", "deep"), { recursive: true });
      writeFileSync(join(folder, "outside", "secret"), "x");
      symlinkSync(join(folder, "outside"), join(project, "link"));
      symlinkSync("../..", join(project, "server", "deep", "up"));
      const codes = (context: string) =>
        errorCodes({ manifest: build(context), directory: project, target: "sagemaker-realtime" });
      expect(codes("link")).toEqual(["PATH_OUTSIDE"]);
      expect(codes("link/secret")).toEqual(["PATH_OUTSIDE"]);
      expect(codes("server")).toEqual([]);
      symlinkSync("../../../outside/secret", join(project, "server", "deep", "out"));
      expect(codes("server")).toEqual(["PATH_OUTSIDE"]);
    });
  });

  test.each(["a/../../b", "../prod", "Prod", "a b", "", "a.b", "-a", "a-", "valueOf", "x".repeat(17)])(
    "the environment %p never becomes part of a path",
    (env) => {
      const manifest = baseManifest({ environments: { [env]: {} } });
      expect(errorCodes({ manifest, env, target: "sagemaker-realtime" })).toEqual(["FORMAT"]);
    },
  );

  test.each(["a", "p1", "prod-eu", "x".repeat(16)])("the environment %p is fine", (env) => {
    const manifest = baseManifest({ environments: { [env]: {} } });
    expect(errorCodes({ manifest, env, target: "sagemaker-realtime" })).toEqual([]);
  });
});

describe("names", () => {
  test("names that cdktf would fold into one stay apart", () => {
    const raw = ["a.b", "ab", "a:b", "a b", "a/b", "a-b", "a_b", "A.b", ""];
    expect(new Set(raw.map((name) => constructId("x", name))).size).toBe(raw.length);
  });

  test("two manifests that lead to one stack are refused", () => {
    inFolder((folder) => {
      const manifests = ["a", "b"].map((name) => join(folder, `${name}.yaml`));
      writeFileSync(
        manifests[0] ?? "",
        JSON.stringify(baseManifest({ name: "fraud", environments: { "a-b": {} } })),
      );
      writeFileSync(
        manifests[1] ?? "",
        JSON.stringify(baseManifest({ name: "fraud", environments: { "a-b": {} } })),
      );
      const run = () =>
        synthesizeManifests({
          manifests,
          targets: ["sagemaker-realtime"],
          environment: "a-b",
          outdir: join(folder, "out"),
        });
      expect(run).toThrow(ManifestError);
      expect(run).toThrow(/fraud-a-b-foundation/);
    });
  });
});

describe("library use", () => {
  const deploy = (changes: Json, more: object = {}) => {
    const folder = mkdtempSync(join(tmpdir(), "security-"));
    try {
      const app = new App({ outdir: folder });
      return new ModelDeployment(app, "model", {
        manifest: baseManifest(changes) as never,
        target: "sagemaker-realtime",
        ...more,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  class Custom {
    readonly value = 1;
  }

  test.each([
    ["a token as text", { description: Token.asString({ resolve: () => "x" }) }, "TOKEN_LIKE"],
    ["a function's token", { description: Fn.file("/etc/passwd") }, "TOKEN_LIKE"],
    ["a token as a number", { scaling: { min: Token.asNumber({ resolve: () => 1 }) } }, "NUMBER_RANGE"],
    ["a token as a list", { tags: Token.asList({ resolve: () => ["x"] }) }, "TOKEN_LIKE"],
    ["a token as a map", { tags: Token.asStringMap({ resolve: () => ({ a: "x" }) }) }, "TOKEN_LIKE"],
    ["a token as it is", { description: Token.asAny({ resolve: () => "x" }) }, "TYPE"],
    ["a function", { description: () => "x" }, "TYPE"],
    ["a symbol", { description: Symbol("x") }, "TYPE"],
    ["a bigint", { scaling: { min: 1n } }, "TYPE"],
    ["a date", { description: new Date(0) }, "TYPE"],
    ["an instance", { description: new Custom() }, "TYPE"],
    ["a map object", { tags: new Map([["a", "b"]]) }, "TYPE"],
    ["a cycle", { tags: cycle }, "YAML_TOO_DEEP"],
    ["an array with a hole", { tags: new Array(2) }, "TYPE"],
    ["a key that pollutes", { tags: JSON.parse('{"__proto__": "x"}') as Json }, "FORBIDDEN_KEY"],
  ])("%s is refused", (_what, changes, code) => {
    let error: unknown;
    try {
      deploy(changes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ManifestError);
    expect((error as ManifestError).issues.map((issue) => issue.code)).toContain(code);
  });

  test("a digest that is none is refused", () => {
    const build = { model: { build: { context: "test/support" } } };
    expect(() => deploy(build, { imageDigest: '${file("/etc/passwd")}' })).toThrow(/image digest/);
    expect(() => deploy(build, { imageDigest: DIGEST })).not.toThrow();
  });
});

describe("what a terminal shows", () => {
  test("control characters and reading directions of a file do not reach it", () => {
    const issue = {
      file: "\u001b[2Jm.yaml",
      line: 1,
      column: 1,
      path: "a\u202eb",
      code: "FORMAT",
      severity: "error",
      message: "bad\r\nerror: forged \u009b31m\u2028",
      fix: "\u0007",
    } as const;
    expect(formatIssue(issue)).toBe(
      "\\u001b[2Jm.yaml:1:1 a\\u202eb: bad\\u000d\\u000aerror: forged \\u009b31m\\u2028 [FORMAT]\n  fix: \\u0007",
    );
  });

  test("a planted secret is in no message", () => {
    const planted = "hunter2-s3cr3t";
    const text = JSON.stringify(
      issues({
        text: `${YAML}model2: 1\n`.replace("model: {", `model: { secrets: { TOKEN: ${planted} },`),
        target: "lambda",
      }),
    );
    expect(text).toContain("model.secrets.TOKEN");
    expect(text).not.toContain(planted);
  });

  test.each([
    ["a token", `${YAML}description: "\${TfToken[TOKEN.0]}"\n`],
    ["binary", "\u0000\u0001\u0002"],
    ["deep nesting", "[".repeat(30_000)],
    ["an empty file", ""],
    ["a list", "- a\n"],
    ["null", "null\n"],
  ])("%s through the command line is an error with exit code 1 and no stack trace", async (_what, text) => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "modelport.yaml"), text);
      const { code, stdout, stderr } = await cli(["validate", "modelport.yaml"], { cwd: folder });
      expect(code).toBe(1);
      expect(`${stdout}${stderr}`).toMatch(/^error: modelport\.yaml:\d+:\d+ /m);
      expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |bug of modelport/);
    });
  });
});

/** A manifest with a text in every place that takes one, for planting and mutating. */
function rich(): Json {
  return baseManifest({
    description: "Scores card payments",
    account: "123456789012",
    tags: { team: "risk", "cost-center": "4711" },
    model: {
      ...(baseManifest().model as Json),
      environment: { LOG_LEVEL: "info", EMPTY: "" },
    },
    workload: {
      requestsPerSecond: { average: 2, peak: 6 },
      serviceTime: { p50: "45ms", p99: "120ms" },
      concurrency: 1,
      payload: { request: "24Ki", response: "2Ki" },
      slo: { p99: "300ms", errorRate: 0.001 },
    },
    scaling: { min: 1, max: 1 },
    observability: { logRetention: "30d", alarms: true, dashboard: true },
    target: "sagemaker-realtime",
    targets: {},
    environments: { prod: { tags: { team: "risk-prod" }, description: "in production" } },
  });
}

type Place = readonly (string | number)[];

/** Places of all texts, and of all keys, in data. */
function places(data: unknown, at: Place = []): { readonly path: Place; readonly key: boolean }[] {
  if (typeof data === "string") return [{ path: at, key: false }];
  if (Array.isArray(data)) return data.flatMap((item, index) => places(item, [...at, index]));
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([name, item]) => [
    { path: [...at, name], key: true },
    ...places(item, [...at, name]),
  ]);
}

/** The data with a text, or a key, changed. */
function changed(data: unknown, path: Place, key: boolean, change: (text: string) => string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return typeof data === "string" ? change(data) : data;
  if (Array.isArray(data))
    return data.map((item, index) => (index === step ? changed(item, rest, key, change) : item));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, item]) => {
      if (name !== step) return [name, item];
      return key && rest.length === 0 ? [change(name), item] : [name, changed(item, rest, key, change)];
    }),
  );
}

const MARKER = "${modelport_marker}";

/** Whether a text has the marker where Terraform would evaluate it: after an even number of dollar signs. */
function live(text: string): boolean {
  return [...text.matchAll(/(\$*)\{modelport_marker\}/g)].some(
    ([, dollars = ""]) => dollars.length % 2 === 1,
  );
}

describe("a marker in every place", () => {
  const kinds = targets.map(({ kind }) => kind);
  /** Places that took the marker, over all targets. */
  const taken = new Set<string>();

  const plant = (manifest: unknown, kind: string, env?: string): boolean => {
    const input = { manifest, target: kind, ...(env === undefined ? {} : { env }) };
    if (errorCodes(input).length > 0) return false;
    const { texts } = synth(input);
    for (const text of Object.values(texts)) expect(live(text)).toBe(false);
    return Object.values(texts).some((text) => text.includes("{modelport_marker}"));
  };

  test("an unescaped marker would be seen", () => {
    expect(live(MARKER)).toBe(true);
    expect(live(`$${MARKER}`)).toBe(false);
    expect(live(`$$${MARKER}`)).toBe(true);
  });

  test.each(kinds)("%s never evaluates it, wherever it stands alone", (kind) => {
    for (const { path, key } of places(rich())) {
      const manifest = changed(rich(), path, key, (text) => `${text}${MARKER}`);
      for (const env of [undefined, "prod"]) if (plant(manifest, kind, env)) taken.add(path.join("."));
    }
  });

  test("the schema lets it through where text is free", () => {
    expect([...taken].sort()).toEqual(
      expect.arrayContaining(["description", "environments.prod.description", "model.environment.LOG_LEVEL"]),
    );
  });
});

describe("random mutations", () => {
  const values = constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    0.1,
    "",
    "x",
    "${x}",
    "5m",
    "4Gi",
    [],
    {},
    [null],
    { a: { b: [] } },
    "__proto__",
    "all",
    "lambda",
    [[[]]],
    "s3://b/k",
  );

  /** Every place, keys and leaves of any kind. */
  const everywhere = (data: unknown, at: Place = []): Place[] =>
    typeof data !== "object" || data === null
      ? [at]
      : [at, ...Object.entries(data).flatMap(([key, item]) => everywhere(item, [...at, key]))];
  const base = rich();
  const all = everywhere(base);

  const set = (data: unknown, path: Place, value: unknown): unknown => {
    const [step, ...rest] = path;
    if (step === undefined) return value;
    if (typeof data !== "object" || data === null) return data;
    return { ...data, [step]: set((data as Json)[String(step)], rest, value) };
  };

  test("data: 1,200 manifests end in issues, never in another error", () => {
    let fine = 0;
    assert(
      property(
        array(tuple(integer({ min: 0, max: all.length - 1 }), values), { minLength: 1, maxLength: 3 }),
        constantFrom("all", ...targets.map(({ kind }) => kind)),
        (changes, target) => {
          const manifest = changes.reduce<unknown>(
            (data, [index, value]) => set(data, all[index] ?? [], value),
            base,
          );
          const found = issues({ manifest, target });
          for (const issue of found) expect(issue.message).not.toBe("");
          if (found.every(({ severity }) => severity === "warning")) fine += 1;
        },
      ),
      { numRuns: 1_200, seed: 11 },
    );
    // The mutations are no noise: some lead to manifests that work.
    expect(fine).toBeGreaterThan(10);
  });

  test("text: 800 manifests end in issues, never in another error", () => {
    const text = JSON.stringify(base, null, 1);
    assert(
      property(
        array(
          tuple(
            integer({ min: 0, max: text.length }),
            integer({ min: 0, max: 6 }),
            constantFrom(
              "",
              ":",
              "- ",
              "{",
              "}",
              "[",
              '"',
              "'",
              "&a ",
              "*a",
              "!!x ",
              "\t",
              "\n",
              "|\n",
              "? ",
              "%",
              "#",
              "\u0000",
              "\u2028",
              "---\n",
            ),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        string({ maxLength: 3 }),
        (edits, tail) => {
          const mutated = edits.reduce(
            (current, [at, remove, insert]) => current.slice(0, at) + insert + current.slice(at + remove),
            text,
          );
          for (const issue of issues({ text: mutated + tail })) {
            expect(issue.line).toBeGreaterThan(0);
            expect(issue.message).not.toBe("");
          }
        },
      ),
      { numRuns: 800, seed: 13 },
    );
  });
});

describeWithTerraform("through the real Terraform", () => {
  const PIECES = [
    "$",
    "${",
    "%{",
    "$${",
    "%%{",
    "}",
    '"',
    "\\",
    "\\n",
    "\n",
    "\t",
    " ",
    "{",
    "{{",
    "<%",
    "`",
    "'",
    "#{",
    "file(",
    "var.x",
    "é",
    "日本",
    "😀",
    "~",
    "$(HOME)",
    "States.Format(",
    "<aws.scheduler.execution-id>",
    "*",
    "a",
  ];
  const nasty = [
    '${file("/etc/passwd")}',
    "%{ for x in [1] }${x}%{ endfor }",
    "$$${deep}",
    '${jsonencode({"a" = "b"})}',
    ...sample(
      array(constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join("")),
      { numRuns: 196, seed: 17 },
    ),
  ];

  test("200 nasty values come back unchanged from a plan", async () => {
    expect(nasty).toHaveLength(200);
    await inFolder(async (folder) => {
      const session = await startOfflineProviders({ cacheDir: CACHE });
      try {
        // A container of SageMaker takes a hundred variables.
        for (const half of [0, 1]) {
          const values = nasty.slice(half * 100, half * 100 + 100);
          const environment = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
          const manifest = baseManifest({
            name: `nasty-${half}`,
            account: "123456789012",
            security: {
              kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            },
            observability: { notify: "arn:aws:sns:eu-west-1:123456789012:oncall" },
            model: { ...(baseManifest().model as Json), environment },
          });
          const file = join(folder, `m${half}.json`);
          writeFileSync(file, JSON.stringify(manifest));
          const outdir = join(folder, `out${half}`);
          const { stacks } = synthesizeManifests({
            manifests: [file],
            targets: ["sagemaker-realtime"],
            environment: null,
            outdir,
          });
          expect(stacks.map(({ stack }) => stack)).toEqual([`nasty-${half}-default-sagemaker-realtime`]);
          const copy = await new Stage(session, join(folder, `work${half}`)).add(
            join(outdir, "stacks", stacks[0]?.stack ?? ""),
          );
          const planned = await runTerraform(session, copy, ["plan", "-no-color", "-out=plan.bin"]);
          expect(planned.stderr).toBe("");
          const shown = await runTerraform(session, copy, ["show", "-json", "plan.bin"]);
          const plan = JSON.parse(shown.stdout) as {
            planned_values: { root_module: { resources: { type: string; values: Json }[] } };
          };
          const model = plan.planned_values.root_module.resources.find(
            ({ type }) => type === "aws_sagemaker_model",
          );
          const [container] = model?.values.primary_container as Json[];
          expect(container?.environment).toEqual(environment);
        }
      } finally {
        await session.dispose();
      }
    });
  }, 300_000);
});
