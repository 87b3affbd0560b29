import {
  assert as check,
  constantFrom,
  nat,
  property,
  string,
  stringMatching,
  tuple,
  uniqueArray,
} from "fast-check";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { synthesizeManifests } from "../../modules/app/synthesize";
import { ManifestError } from "../../modules/issues/issue";
import { loadManifestValue } from "../../modules/manifest/load";
import { resolveManifest } from "../../modules/plan/resolve";
import { constructId, resourceName } from "../../modules/stack/names";
import { targets } from "../../targets";
import { baseManifest, errorCodes, type Json } from "../support/synth";
import { inFolder } from "./folder";
import { documents } from "./synthesis";

const KINDS = targets.map(({ kind }) => kind);
const ACCOUNT = "123456789012";
const SECRET = (name: string) => `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:${name}-AbCdEf`;
const model = (changes: Json): Json => ({ model: { ...(baseManifest().model as Json), ...changes } });
const BATCH = { "sagemaker-batch": { input: "s3://in/", output: "s3://out/" } };

/** What is written for a manifest; null where it is refused, with the codes of why. */
function outcome(
  manifest: Json,
  kind: string,
): { readonly text: string | null; readonly codes: readonly string[] } {
  const resolution = resolveManifest(loadManifestValue(manifest, join(__dirname, "../support")), {
    environment: null,
    targets: [kind],
    registry: targets,
  });
  const errors = resolution.issues.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return { text: null, codes: errors.map(({ code }) => code) };
  return { text: JSON.stringify(documents(resolution)), codes: [] };
}

interface FreeKey {
  readonly kinds: readonly string[];
  readonly make: (entries: Readonly<Record<string, string>>) => Json;
  /** Whether a value must be seen for each key. */
  readonly value: (index: number) => string;
  readonly keys: readonly (readonly [string, string])[];
}

/** Pairs that someone on the way may take for one. */
const VARIABLES = [
  ["a_b", "ab"],
  ["a_b", "a__b"],
  ["PATH_X", "Path_X"],
  ["A", "a"],
  ["_A", "A_"],
  ["toString", "tostring"],
  ["valueOf", "value_of"],
  [`${"x".repeat(100)}1`, `${"x".repeat(100)}2`],
] as const;

const FREE_KEYS: Readonly<Record<string, FreeKey>> = {
  "model.environment": {
    kinds: KINDS,
    make: (environment) => ({ ...model({ environment }), targets: BATCH }),
    value: (index) => `seen-${index}`,
    keys: VARIABLES.filter(([one]) => !one.startsWith("_")),
  },
  "model.secrets": {
    kinds: KINDS.filter((kind) => kind !== "docker"),
    make: (secrets) => ({ ...model({ secrets }), targets: BATCH }),
    value: (index) => SECRET(`seen-${index}`),
    keys: VARIABLES.filter(([one]) => !one.startsWith("_")),
  },
  "model.build.args": {
    kinds: ["docker"],
    make: (args) => ({ model: { build: { context: ".", args } } }),
    value: (index) => `seen-${index}`,
    keys: VARIABLES,
  },
  tags: {
    kinds: KINDS,
    make: (tags) => ({ tags, targets: BATCH }),
    value: (index) => `seen-${index}`,
    keys: [
      ["a.b", "ab"],
      ["a:b", "a.b"],
      ["a b", "a_b"],
      ["a/b", "a-b"],
      ["a=b", "a+b"],
      ["team", "Team"],
      ["STRASSE", "straße"],
      ["caf\u00e9", "cafe\u0301"],
      ["\u212b", "\u00c5"],
      ["K", "\u212a"],
      ["team", "team "],
      ["Name", "name"],
      [`${"x".repeat(127)}1`, `${"x".repeat(127)}2`],
    ],
  },
  compilerOptions: {
    kinds: ["sagemaker-realtime"],
    make: (compilerOptions) => ({
      ...model({
        artifact: "s3://models/fraud/model.tar.gz",
        optimize: { neo: { framework: "pytorch", inputs: { input0: [1, 3] }, compilerOptions } },
      }),
      targets: { "sagemaker-realtime": { instanceType: "ml.c5.xlarge" } },
    }),
    value: (index) => `seen-${index}`,
    keys: [
      ["dtype", "Dtype"],
      ["a_b", "a-b"],
    ],
  },
};

/** Both are there, or neither: never one for the other. */
function expectApart(
  free: FreeKey,
  kind: string,
  [one, two]: readonly [string, string],
): "apart" | "refused" {
  const entries = { [one]: free.value(1), [two]: free.value(2) };
  const { text, codes } = outcome(baseManifest(free.make(entries)), kind);
  if (text === null) {
    expect(codes.length).toBeGreaterThan(0);
    return "refused";
  }
  for (const [index, key] of [one, two].entries()) {
    expect([key, text.includes(free.value(index + 1))]).toEqual([key, true]);
    expect([key, text.includes(JSON.stringify(key).slice(1, -1))]).toEqual([key, true]);
  }
  return "apart";
}

describe.each(Object.entries(FREE_KEYS))("%s", (_field, free) => {
  const cases = free.kinds.flatMap((kind) => free.keys.map((pair) => [kind, ...pair] as const));
  test.each(cases)("%s: %j beside %j", (kind, one, two) => {
    expect(["apart", "refused"]).toContain(expectApart(free, kind, [one, two]));
  });
});

test("tags that are one to IAM are refused, those that are not stand side by side", () => {
  const { tags } = FREE_KEYS;
  if (tags === undefined) throw new Error("no tags");
  const apart = (one: string, two: string) => expectApart(tags, "lambda", [one, two]);
  expect(apart("team", "Team")).toBe("refused");
  expect(apart("caf\u00e9", "cafe\u0301")).toBe("refused");
  expect(apart("\u212b", "\u00c5")).toBe("refused");
  expect(apart("a.b", "ab")).toBe("apart");
  expect(apart("a:b", "a.b")).toBe("apart");
  for (const key of ["modelport:model", "Modelport:environment", "MODELPORT:x", "aws:x", "AWS:x", "Aws:y"])
    expect(errorCodes({ manifest: baseManifest({ tags: { [key]: "x" } }), target: "lambda" })).toEqual([
      "FORMAT",
    ]);
  for (const value of ["aws:x", "AWS:x"])
    expect(errorCodes({ manifest: baseManifest({ tags: { a: value } }), target: "lambda" })).toEqual([
      "FORMAT",
    ]);
  expect(
    errorCodes({ manifest: baseManifest({ tags: { awsx: "aws", modelport: "aws" } }), target: "lambda" }),
  ).toEqual([]);
});

test.each(KINDS)("%s: made-up pairs of keys", (kind) => {
  const counts = { apart: 0, refused: 0 };
  const variable = stringMatching(/^[A-Za-z][A-Za-z0-9_]{1,5}$/);
  const tag = string({ unit: "grapheme", minLength: 1, maxLength: 6 });
  const fields = Object.values(FREE_KEYS).filter(({ kinds }) => kinds.includes(kind));
  check(
    property(
      nat(fields.length - 1),
      variable,
      tag,
      constantFrom<(text: string) => string>(
        (text) => text.toUpperCase(),
        (text) => text.toLowerCase(),
        (text) => text.normalize("NFD"),
        (text) => text.normalize("NFKC"),
        (text) => text.replace(/[_ .:/-]/g, ""),
        (text) => `${text}_`,
        (text) => `${text}1`,
        (text) => `${text}_SECRET_ARN`,
      ),
      (index, name, key, fold) => {
        const free = fields[index];
        if (free === undefined) return;
        const one = free === FREE_KEYS.tags ? key : name;
        const two = fold(one);
        if (one === two) return;
        counts[expectApart(free, kind, [one, two])] += 1;
      },
    ),
    { numRuns: 60, seed: 20_261_123 },
  );
  expect(counts.apart).toBeGreaterThan(5);
});

describe("names that lead elsewhere", () => {
  test.each(KINDS)(
    "%s: a variable that carries a secret's ARN is not overwritten by one of the same name",
    (kind) => {
      const manifest = baseManifest({
        ...model({ environment: { TOKEN_SECRET_ARN: "mine" }, secrets: { TOKEN: SECRET("theirs") } }),
        targets: BATCH,
      });
      expect(outcome(manifest, kind).codes).toContain("CONFLICT");
    },
  );

  test.each(["subnetIds", "securityGroupIds"])("network.%s: one that is named twice is refused", (field) => {
    const ids = { subnetIds: "subnet-0a1b2c3d4e5f60718", securityGroupIds: "sg-0a1b2c3d4e5f60718" };
    const network = {
      vpcId: "vpc-0a1b2c3d4e5f60718",
      subnetIds: [ids.subnetIds, "subnet-0b1c2d3e4f5061728"],
      [field]: [ids[field as keyof typeof ids], ids[field as keyof typeof ids]],
    };
    expect(outcome(baseManifest({ network }), "ecs-fargate").codes).toEqual(["RANGE"]);
  });

  test.each([
    ["candidate", "Candidate"],
    ["AllTraffic", "other"],
    ["alltraffic", "other"],
  ])("the variants %s and %s", (one, two) => {
    const variants = [one, two].map((name) => ({ name, percent: 10 }));
    const manifest = baseManifest({ targets: { "sagemaker-realtime": { variants } } });
    expect(outcome(manifest, "sagemaker-realtime").codes).toContain("SAGEMAKER_VARIANTS");
  });

  test.each([
    ["a-b", "ab"],
    ["a--b", "a-b"],
    [`${"x".repeat(62)}1`, `${"x".repeat(62)}2`],
  ])("the variants %s and %s stand side by side, with alarms of their own", (one, two) => {
    const variants = [one, two].map((name) => ({ name, percent: 10 }));
    const manifest = baseManifest({ targets: { "sagemaker-realtime": { variants } } });
    const { text } = outcome(manifest, "sagemaker-realtime");
    const stacks = JSON.parse(text ?? "{}") as Record<string, Json>;
    const stack = Object.entries(stacks).find(([name]) => name.endsWith("-sagemaker-realtime"))?.[1] ?? {};
    const resource = stack.resource as Record<string, Record<string, Json>>;
    const alarms = Object.values(resource.aws_cloudwatch_metric_alarm ?? {}).map(
      ({ alarm_name }) => alarm_name as string,
    );
    expect(new Set(alarms).size).toBe(alarms.length);
    expect(alarms.length).toBeGreaterThan(2);
    const [configuration] = Object.values(resource.aws_sagemaker_endpoint_configuration ?? {});
    const names = (configuration?.production_variants as readonly Json[]).map(
      ({ variant_name }) => variant_name as string,
    );
    expect(names).toEqual(expect.arrayContaining([one, two]));
  });

  test("ids and cut names stay apart", () => {
    const raw = uniqueArray(string({ unit: "grapheme", maxLength: 8 }), { minLength: 2, maxLength: 40 });
    check(
      property(raw, (names) => {
        expect(new Set(names.map((name) => constructId("x", name))).size).toBe(names.length);
      }),
      { numRuns: 300, seed: 20_261_123 },
    );
    const name = stringMatching(/^[a-z][a-z0-9-]{1,30}[a-z0-9]$/);
    check(
      property(
        uniqueArray(
          tuple(name, name).map(([one, two]) => `${one}-${two}`),
          { minLength: 2, maxLength: 40 },
        ),
        nat(20),
        (names, more) => {
          const limit = 20 + more;
          const cut = names.map((given) => resourceName([given, "sagemaker-realtime"], limit));
          expect(new Set(cut).size).toBe(names.length);
          for (const text of cut) expect(text.length).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 300, seed: 20_261_123 },
    );
  });
});

/** Physical names by type of resource, as they stand in the stacks of one manifest. */
function physicalNames(name: string, environment: string): readonly string[] {
  const manifest = baseManifest({
    name,
    environments: { [environment]: {} },
    targets: { "sagemaker-batch": { ...BATCH["sagemaker-batch"], schedule: "rate(1 day)", onArrival: true } },
  });
  return KINDS.flatMap((kind) => {
    const resolution = resolveManifest(loadManifestValue(manifest, process.cwd()), {
      environment,
      targets: [kind],
      registry: targets,
    });
    if (resolution.issues.some(({ severity }) => severity === "error")) return [];
    return Object.entries(documents(resolution)).flatMap(([stack, document]) => {
      const { resource } = document as { resource?: Record<string, Record<string, Json>> };
      // A foundation is one and the same for all targets.
      const owner = stack.endsWith("-foundation") ? "foundation" : kind;
      return Object.entries(resource ?? {}).flatMap(([type, all]) =>
        Object.values(all).flatMap((attributes) =>
          NAMES.flatMap((attribute) => {
            const value = attributes[attribute] as unknown;
            return typeof value === "string" && value.includes(`${name}-${environment}`)
              ? [`${owner} ${type} ${value}`]
              : [];
          }),
        ),
      );
    });
  });
}

const NAMES = ["name", "function_name", "alarm_name", "dashboard_name", "bucket", "family", "identifier"];

describe("models and environments whose names read the same together", () => {
  const run = (
    pairs: readonly (readonly [string, string])[],
    environment: string | null,
    kinds: readonly string[],
  ) =>
    inFolder((folder) => {
      const manifests = pairs.map(([name, own], index) => {
        const file = join(folder, `${index}.json`);
        writeFileSync(
          file,
          JSON.stringify(baseManifest({ name, environments: { [own]: {} }, targets: BATCH })),
        );
        return file;
      });
      return synthesizeManifests({
        manifests,
        targets: kinds,
        environment,
        allEnvironments: environment === null,
        outdir: join(folder, "out"),
      }).stacks.map(({ stack }) => stack);
    });

  test.each(KINDS)("%s: in one run they are refused by name", (kind) => {
    const pairs = [
      ["fraud-a", "b"],
      ["fraud", "a-b"],
    ] as const;
    expect(() => run(pairs, null, [kind])).toThrow(ManifestError);
    expect(() => run(pairs, null, [kind])).toThrow(/DUPLICATE_STACK/);
    expect(run([pairs[0], ["fraud", "a-c"]], null, [kind]).length).toBeGreaterThan(1);
  });

  /** Whether two models' resources could get one name: those of the one are those of the other with a longer start. */
  test("no name of one stack is that of another whose model and environment read differently", () => {
    const names = (name: string, environment: string) => new Set(physicalNames(name, environment));
    const seen = new Map<string, string>();
    const environments = [
      "prod",
      ...KINDS.filter((kind) => kind.length <= 16),
      "foundation",
      "schedule",
      "arrival",
    ];
    expect(names("fraud", "prod").size).toBeGreaterThan(30);
    for (const name of ["fraud", "fraud-prod"]) {
      for (const environment of environments) {
        for (const named of names(name, environment)) {
          const [, type = "", text = ""] = /^\S+ (\S+) (.*)$/.exec(named) ?? [];
          const key = `${type} ${text}`;
          const owner = `${name} ${environment} ${named.split(" ")[0] ?? ""}`;
          const other = seen.get(key) ?? owner;
          expect([key, other]).toEqual([key, owner]);
          seen.set(key, owner);
        }
      }
    }
  }, 240_000);
});
