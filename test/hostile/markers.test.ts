import { array, assert as check, constantFrom, property } from "fast-check";
import { loadManifestValue } from "../../modules/manifest/load";
import { type Resolution, resolveManifest } from "../../modules/plan/resolve";
import { unescapeTemplate } from "../../modules/stack/seal";
import { targets } from "../../targets";
import { baseManifest, type Json, only } from "../support/synth";
import { exampleSeeds, type Seed } from "./corpus";
import { exists, liveParts } from "./expressions";
import { documents } from "./synthesis";

const KINDS = targets.map(({ kind }) => kind);
const SEEDS = exampleSeeds();

type Place = readonly (string | number)[];

/** Places of all texts in data, and of all keys. */
function places(data: unknown, at: Place = []): readonly { readonly path: Place; readonly key: boolean }[] {
  if (typeof data === "string") return [{ path: at, key: false }];
  if (Array.isArray(data)) return data.flatMap((item, index) => places(item, [...at, index]));
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([name, item]) => [
    { path: [...at, name], key: true },
    ...places(item, [...at, name]),
  ]);
}

/** The data with a text, or a key, changed; other places keep their paths. */
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

function resolve(seed: Seed, data: unknown, environment: string | null, kind: string): Resolution | null {
  const resolution = resolveManifest(loadManifestValue(data, seed.directory), {
    environment,
    targets: [kind],
    registry: targets,
  });
  return resolution.issues.some(({ severity }) => severity === "error") ? null : resolution;
}

/** Some free texts beside those of the example, so that every kind of place is there in each. */
function enriched(seed: Seed): Json {
  const data = seed.data as Json;
  const model = data.model as Json;
  return {
    ...data,
    description: data.description ?? "a model",
    tags: { ...(data.tags as Json | undefined), "cost center": "47 11" },
    model: {
      ...model,
      environment: { ...(model.environment as Json | undefined), PLAIN: "plain", EMPTY: "" },
      ...(model.build === undefined ? {} : { build: { ...(model.build as Json), args: { BASE: "slim" } } }),
    },
  };
}

/** A marker for every place, in all places at once that take one. */
function planted(seed: Seed, environment: string | null, kind: string, mark: (index: number) => string) {
  // Keys last: they move what lies below them.
  const all = [...places(enriched(seed))].sort(
    (a, b) => Number(a.key) - Number(b.key) || b.path.length - a.path.length,
  );
  let data: unknown = enriched(seed);
  const taken: string[] = [];
  const marks: string[] = [];
  for (const [index, { path, key }] of all.entries()) {
    const next = changed(data, path, key, (text) => `${text}${mark(index)}`);
    if (next === data || resolve(seed, next, environment, kind) === null) continue;
    data = next;
    taken.push(`${path.join(".")}${key ? " (key)" : ""}`);
    marks.push(mark(index));
  }
  return { data, taken, marks };
}

const CASES = SEEDS.flatMap((seed) =>
  seed.environments.flatMap((environment) =>
    KINDS.filter((kind) => resolve(seed, enriched(seed), environment, kind) !== null).map(
      (kind) => [seed.name, environment ?? "no environment", kind, seed, environment] as const,
    ),
  ),
);

/** The places without those in overlays of other environments, which nobody reads. */
function applied(taken: readonly string[], environment: string | null): readonly string[] {
  const own = `environments.${environment ?? ""}.`;
  return taken
    .filter((place) => !place.startsWith("environments.") || place.startsWith(own))
    .map((place) => (place.startsWith(own) ? place.slice(own.length) : place));
}

function isRead(place: string, kind: string): boolean {
  return place !== "target" && (!place.startsWith("targets.") || place.startsWith(`targets.${kind}.`));
}

/** Places that took a marker, over all cases. */
const plainTaken = new Set<string>();
const liveTaken = new Set<string>();

test("the cases are every target's", () => {
  expect(new Set(CASES.map(([, , kind]) => kind))).toEqual(new Set(KINDS));
  expect(CASES.length).toBeGreaterThan(25);
});

describe.each(CASES)("%s, %s, %s", (_name, _environment, kind, seed, environment) => {
  test("a plain marker in every place is nowhere evaluated", () => {
    const { data, taken, marks } = planted(seed, environment, kind, (index) => `q${index}q`);
    const resolution = resolve(seed, data, environment, kind);
    if (resolution === null) throw new Error("does not resolve");
    const written = documents(resolution);
    const text = JSON.stringify(written);
    const live = Object.values(written).flatMap(liveParts);
    expect(live.filter(({ expression }) => /q\d+q/.test(withoutNames(expression ?? "", written)))).toEqual(
      [],
    );
    expect(live.length).toBeGreaterThan(0);
    for (const place of applied(taken, environment)) plainTaken.add(place);
    // Most of them are seen, or the above says little.
    expect(marks.filter((mark) => text.includes(mark)).length).toBeGreaterThan(4);
  });

  test("a marker with template signs in every place comes out escaped", () => {
    const { data, taken, marks } = planted(
      seed,
      environment,
      kind,
      (index) => `\${q${index}q}$\${q${index}q}%{if q${index}q}"\${q${index}q}`,
    );
    const resolution = resolve(seed, data, environment, kind);
    if (resolution === null) throw new Error("does not resolve");
    const written = documents(resolution);
    const live = Object.values(written).flatMap(liveParts);
    expect(live.filter(({ expression }) => expression === null || /q\d+q/.test(expression))).toEqual([]);
    // What an overlay replaces, and what other targets are told, nobody reads.
    if (environment === null)
      for (const place of applied(taken, environment)) if (isRead(place, kind)) liveTaken.add(place);
    const texts = Object.values(written).flatMap(allTexts).map(unescapeTemplate);
    // The start only: what follows has quotes, which stand escaped where a text lies in JSON.
    const starts = marks.map((mark) => mark.slice(0, mark.indexOf("}")));
    expect(starts.filter((start) => texts.some((text) => text.includes(start))).length).toBeGreaterThan(1);
  });
});

/** An expression without the names of resources that are there: some have letters and digits of the manifest in them. */
function withoutNames(expression: string, written: Readonly<Record<string, object>>): string {
  return expression.replace(/\b[a-z]+_[a-z0-9_]+\.[A-Za-z0-9_-]+/g, (address) =>
    Object.values(written).some((document) => exists(document, address)) ? "" : address,
  );
}

function allTexts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...allTexts(item)]);
}

test("markers stood in all free places", () => {
  expect([...plainTaken]).toEqual(
    expect.arrayContaining([
      "name",
      "description",
      "model.environment.PLAIN",
      "model.environment.PLAIN (key)",
      "model.build.args.BASE",
      "model.build.args.BASE (key)",
      "model.artifact",
      "tags.team",
      "tags.team (key)",
      "tags.cost center",
      "targets.sagemaker-batch.input",
      "targets.sagemaker-batch.output",
      "targets.sagemaker-batch.contentType",
      "targets.eks.cluster",
      "targets.eks.namespace",
    ]),
  );
  expect([...liveTaken]).toEqual(
    expect.arrayContaining([
      "description",
      "model.environment.PLAIN",
      "model.environment.EMPTY",
      "model.build.args.BASE",
    ]),
  );
  // A place that takes template signs has free text by intention.
  expect(
    [...liveTaken].filter(
      (place) =>
        !/^(?:description|model\.environment\.[^ ]+|model\.build\.args\.[^ ]+|model\.optimize\.neo\.compilerOptions\.[^ ]+|policies\.suppress\.\d+\.reason)$/.test(
          place,
        ),
    ),
  ).toEqual([]);
});

/** What stands in every second interpreter's language, and plain neighbours that it might eat. */
const SIGNS = [
  "$",
  "$$",
  "$(",
  "${",
  "%{",
  ")",
  "}",
  "(",
  "{",
  "HOME",
  "PLAIN",
  "AWS_REGION",
  "States.Format(",
  "{% ",
  " %}",
  "${aws:username}",
  "<aws.scheduler.execution-id>",
  "'",
  '"',
  "\\",
  " ",
  "x",
];
const sentence = array(constantFrom(...SIGNS), { minLength: 1, maxLength: 9 }).map((pieces) =>
  pieces.join(""),
);

const synthesized = (manifest: Json, kind: string) => {
  const resolution = resolveManifest(loadManifestValue(manifest, process.cwd()), {
    environment: null,
    targets: [kind],
    registry: targets,
  });
  const written = documents(resolution);
  const found = Object.entries(written).find(([name]) => name.endsWith(`-${kind}`))?.[1];
  if (found === undefined) throw new Error("no stack");
  return { stack: found as Json, all: written };
};

const withVariables = (values: readonly string[], more: Json = {}) =>
  baseManifest({
    ...more,
    description: values[0] ?? "",
    model: {
      ...(baseManifest().model as Json),
      environment: Object.fromEntries(values.map((value, index) => [`V${index}`, value])),
    },
  });

describe("second interpreters", () => {
  /**
   * As Kubernetes replaces references: https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
   * (read 2026-11).
   */
  const expand = (text: string, values: Readonly<Record<string, string>>): string => {
    let out = "";
    for (let at = 0; at < text.length; at += 1) {
      if (text[at] !== "$" || at + 1 >= text.length) {
        out += text[at] ?? "";
      } else if (text[at + 1] === "$") {
        out += "$";
        at += 1;
      } else if (text[at + 1] === "(" && text.includes(")", at)) {
        const end = text.indexOf(")", at);
        const name = text.slice(at + 2, end);
        out += values[name] ?? `$(${name})`;
        at = end;
      } else {
        out += `$${text[at + 1] ?? ""}`;
        at += 1;
      }
    }
    return out;
  };

  test("our Kubernetes replaces what Kubernetes replaces", () => {
    const values = { A: "1" };
    expect(expand("$(A) $$(A) $$$(A) $(B) $(A $ $x $", values)).toBe("1 $(A) $1 $(B) $(A $ $x $");
  });

  test("Kubernetes gives a container the text of the manifest", () => {
    check(
      property(array(sentence, { minLength: 30, maxLength: 40 }), (values) => {
        const { stack } = synthesized(
          withVariables(values, { account: "123456789012", targets: { eks: { cluster: "shared" } } }),
          "eks",
        );
        const deployment = only(stack, "kubernetes_deployment_v1");
        const container = deployment.spec.template.spec.container[0] as Json;
        const env = container.env as readonly { readonly name: string; readonly value: string }[];
        const seen: Record<string, string> = { HOME: "/home/model", PLAIN: "replaced" };
        for (const { name, value } of env) seen[name] = expand(unescapeTemplate(value), seen);
        expect(values.map((_value, index) => seen[`V${index}`])).toEqual(values);
        // Nothing of the manifest stands where a shell would read it.
        expect(JSON.stringify([container.command ?? null, container.args ?? null])).not.toMatch(/V\d|States/);
      }),
      { numRuns: 15, seed: 20_261_123 },
    );
  }, 120_000);

  const batch = (values: readonly string[], options: Json = {}) =>
    synthesized(
      withVariables(values, {
        tags: { States: "States.Format", team: "aws.scheduler" },
        targets: {
          "sagemaker-batch": {
            input: "s3://in/States.Format('a')/",
            output: "s3://out/$/".replace("$/", "x/"),
            schedule: "rate(1 day)",
            onArrival: true,
            contentType: "application/json",
            inputFilter: "$.features",
            outputFilter: "$['id','SageMakerOutput']",
            ...options,
          },
        },
      }),
      "sagemaker-batch",
    );

  /** Fields that Step Functions evaluates: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html (2026-11). */
  const evaluated = (value: unknown, key = ""): readonly string[] => {
    if (typeof value === "string")
      return key.endsWith(".$") || /Path$/.test(key) || key === "Variable" ? [value] : [];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, item]) =>
      evaluated(item, Array.isArray(value) ? key : name),
    );
  };

  test("Step Functions evaluates nothing of the manifest", () => {
    const own = (values: readonly string[], options: Json = {}) => {
      const { stack } = batch(values, options);
      const definition = JSON.parse(only(stack, "aws_sfn_state_machine").definition as string) as Json;
      // Without this, `{% %}` is plain text.
      expect(JSON.stringify(definition)).not.toContain("QueryLanguage");
      return evaluated(definition);
    };
    const plain = own(["plain"]);
    expect(plain.length).toBeGreaterThan(8);
    expect(own(["States.Format('{}', $.x)", "{% $states.input %}", "$.x"])).toEqual(plain);
    expect(
      own(["x"], { inputFilter: "$.other", outputFilter: "$.SageMakerOutput", accept: "text/csv" }),
    ).toEqual(plain);
  });

  test("the Scheduler and EventBridge get nothing of the manifest to replace", () => {
    check(
      property(array(sentence, { minLength: 5, maxLength: 5 }), (values) => {
        const { stack } = batch(values);
        expect((only(stack, "aws_scheduler_schedule").target as Json).input).toBe("{}");
        expect((only(stack, "aws_cloudwatch_event_target").input_transformer as Json).input_template).toBe(
          '{"key": <key>}',
        );
      }),
      { numRuns: 5, seed: 20_261_123 },
    );
  });

  test.each(KINDS)(
    "%s: policies of IAM have no variable and no wildcard that the manifest brought",
    (kind) => {
      const plain = baseManifest({
        targets: { "sagemaker-batch": { input: "s3://in/", output: "s3://out/" } },
      });
      const policies = (manifest: Json) =>
        Object.values(synthesized(manifest, kind).all).flatMap((document) =>
          allTexts(document).filter((text) => text.includes('"Statement"')),
        );
      const nasty = withVariables(["${aws:username}", "*", "arn:aws:s3:::*"], {
        targets: plain.targets as Json,
      });
      expect(policies(nasty)).toEqual(policies({ ...plain, description: "x" }));
      for (const sign of ["*", "?", "${aws:username}", "$"]) {
        for (const change of [
          { model: { ...(plain.model as Json), artifact: `s3://b/${sign}/model.tar.gz` } },
          { security: { kmsKeyArn: `arn:aws:kms:eu-west-1:123456789012:key/${sign}` } },
          { security: { roleArn: `arn:aws:iam::123456789012:role/${sign}` } },
          {
            model: {
              ...(plain.model as Json),
              secrets: { A: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${sign}` },
            },
          },
          { observability: { notify: `arn:aws:sns:eu-west-1:123456789012:${sign}` } },
          { name: `a${sign}b` },
          { account: `12345678901${sign}` },
        ]) {
          const { issues } = resolveManifest(loadManifestValue({ ...plain, ...change }, process.cwd()), {
            environment: null,
            targets: [kind],
            registry: targets,
          });
          expect(issues.filter(({ code }) => code === "FORMAT").length).toBeGreaterThan(0);
        }
      }
    },
  );
});
