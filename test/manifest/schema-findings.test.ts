import { type Issue } from "../../modules/issues/issue";
import { issues } from "../support/synth";

const LINES = {
  apiVersion: "apiVersion: modelport/v1",
  name: "name: fraud-scorer",
  region: "region: eu-west-1",
  model: `model: { image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}" }`,
  resources: "resources: { cpu: 1, memory: 2Gi }",
  target: "target: sagemaker-realtime",
} as const;

/** What is said about a manifest with some lines changed or added. */
function said(changes: Partial<Record<keyof typeof LINES, string>>, more = ""): readonly Partial<Issue>[] {
  const text = [...Object.values({ ...LINES, ...changes }).filter((line) => line !== ""), more].join("\n");
  return issues({ text: `${text}\n` }).map((issue) => {
    const { file, severity, ...rest } = issue;
    expect([file, severity]).toEqual(["modelport.yaml", "error"]);
    return rest;
  });
}

const resources = (text: string) => said({ resources: `resources: { ${text} }` });
const model = (more: string) => said({ model: LINES.model.replace(" }", `, ${more} }`) });

describe("findings", () => {
  test("a missing section says once what it could look like", () => {
    expect(said({ resources: "" })).toEqual([
      {
        line: 1,
        column: 1,
        path: "resources",
        code: "REQUIRED",
        message: "is required",
        fix: "add resources: { cpu: 1, memory: 512Mi }",
      },
    ]);
    expect(said({ model: "" })).toMatchObject([
      {
        path: "model",
        code: "REQUIRED",
        fix: expect.stringMatching(/^add model: \{ image: \S+ \}$/) as string,
      },
    ]);
    expect(said({ apiVersion: "" })).toMatchObject([
      { code: "REQUIRED", fix: "add apiVersion: modelport/v1" },
    ]);
  });

  test("an empty section is told from a missing one", () => {
    expect(said({ resources: "resources:" })).toMatchObject([
      { path: "resources", code: "REQUIRED", message: "is required, but empty", line: 5 },
    ]);
  });

  test.each([
    ["cpu: 1, memory: 2048", "UNIT", "2048 has no unit", "write 2048Mi, if that is what you mean"],
    ["cpu: 1, memory: 2GB", "UNIT", '"2GB" is no size', "write 2Gi, if that is what you mean"],
    ["cpu: 1, memory: 2 Gi", "UNIT", '"2 Gi" is no size', "write 2Gi, if that is what you mean"],
    ["cpu: 1, memory: 512m", "UNIT", '"512m" is no size', "write 512Mi, if that is what you mean"],
    ["cpu: 1, memory: 1.5tb", "UNIT", '"1.5tb" is no size', "write 1.5Ti, if that is what you mean"],
    ["cpu: 1, memory: lots", "UNIT", '"lots" is no size', "for example 512Mi"],
    ["cpu: '2', memory: 2Gi", "TYPE", '"2" is text, not a number', "write 2 without quotes"],
    ["cpu: 500m, memory: 2Gi", "TYPE", '"500m" is text, not a number', "write 0.5"],
    ["cpu: many, memory: 2Gi", "TYPE", '"many" is text, not a number', undefined],
    ["cpus: 1, memory: 2Gi", "UNKNOWN_FIELD", "is not a field of the manifest", 'did you mean "cpu"?'],
    ["cpu: 1, memory: 2Gi, architecture: x86", "CHOICE", '"x86" is not offered', 'did you mean "x86_64"?'],
    [
      "cpu: 1, memory: 2Gi, architecture: amd64",
      "CHOICE",
      '"amd64" is not offered',
      'did you mean "x86_64"?',
    ],
    [
      "cpu: 1, memory: 2Gi, architecture: AArch64",
      "CHOICE",
      '"AArch64" is not offered',
      'did you mean "arm64"?',
    ],
    ["cpu: 1, memory: 2Gi, architecture: sparc", "CHOICE", '"sparc" is not offered', undefined],
    ["cpu: 0, memory: 2Gi", "RANGE", "0 is out of range: too small", undefined],
    ["cpu: 1, memory: 2Gi, gpu: 0.5", "TYPE", "0.5 is a number, not a whole number", undefined],
  ])("resources: { %s }", (text, code, message, fix) => {
    expect(resources(text)).toMatchObject([{ code, message, ...(fix === undefined ? {} : { fix }) }]);
    expect(resources(text)[0]?.fix).toBe(fix);
  });

  test.each([
    ["rollout: { interval: 10 }", "write 10s, if that is what you mean"],
    ["rollout: { interval: 10 min }", "write 10m, if that is what you mean"],
    ["rollout: { interval: 2 hours }", "write 2h, if that is what you mean"],
    ["rollout: { interval: 1h30m }", "for example 30s"],
  ])("%s", (text, fix) => {
    expect(said({}, text)).toMatchObject([{ code: "UNIT", path: "rollout.interval", fix }]);
  });

  test("an account is quoted as the file spells it", () => {
    expect(said({}, "account: 012345678901")).toMatchObject([
      { code: "TYPE", path: "account", fix: 'quote it: "012345678901"', allowed: "12 digits, quoted" },
    ]);
  });

  test("numbers and booleans as variables are to be quoted", () => {
    expect(model("environment: { PORT: 0o17, DEBUG: true }").map(({ path, fix }) => [path, fix])).toEqual([
      ["model.environment.PORT", 'quote it: "0o17"'],
      ["model.environment.DEBUG", 'quote it: "true"'],
    ]);
  });

  test("what may be a secret is not repeated", () => {
    for (const value of ["hunter2", "12345", "[hunter2]", "{ a: hunter2 }"]) {
      const found = model(`secrets: { TOKEN: ${value} }`);
      expect(found[0]).toMatchObject({ path: "model.secrets.TOKEN" });
      expect(JSON.stringify(found)).not.toMatch(/hunter2|12345[^6]/);
    }
  });

  test("lower case is proposed where it helps", () => {
    expect(said({ region: "region: EU-WEST-1" })).toMatchObject([
      { code: "FORMAT", fix: 'did you mean "eu-west-1"?' },
    ]);
    expect(said({ name: "name: Fraud_Scorer" })).toMatchObject([
      { code: "FORMAT", fix: "for example fraud-scorer" },
    ]);
  });

  test("an image that is none is said once, with the reason", () => {
    expect(
      said({ model: "model: { image: Foo/Bar:1 }" }).map(({ code, message }) => [code, message]),
    ).toEqual([["FORMAT", expect.stringContaining('has "Foo" in its repository')]]);
  });

  test.each([
    ["{ type: tracking, metric: cpu, target: 5 }", "CHOICE", "write type: target-tracking"],
    ["{ type: target-trakcing, metric: cpu, target: 5 }", "CHOICE", 'did you mean "target-tracking"?'],
    ["{ metric: cpu, target: 5 }", "REQUIRED", "add type: target-tracking"],
  ])("the policy %s", (text, code, fix) => {
    expect(said({}, `scaling: { max: 3, policies: [${text}] }`)).toMatchObject([
      { path: "scaling.policies[0].type", code, fix, allowed: "target-tracking, step, scheduled" },
    ]);
  });

  test("a bound that is itself too small says so", () => {
    const zero = "scaling: { max: 3, policies: [{ type: target-tracking, metric: cpu, target: 0 }] }";
    expect(said({}, zero)).toMatchObject([
      { path: "scaling.policies[0].target", code: "RANGE", allowed: "a number above 0, up to 1000000000" },
    ]);
  });

  test("of two shapes, the one that was meant complains", () => {
    expect(said({}, "workload: { requestsPerSecond: fast }")).toMatchObject([
      { code: "TYPE", message: '"fast" is text', allowed: "a number or a map" },
    ]);
    expect(said({}, "workload: { requestsPerSecond: { average: 5 } }")).toMatchObject([
      { code: "REQUIRED", path: "workload.requestsPerSecond.peak", fix: "add peak: 1" },
    ]);
    expect(said({}, "workload: { requestsPerSecond: -1 }")).toMatchObject([
      { code: "RANGE", path: "workload.requestsPerSecond" },
    ]);
  });

  test("a target that is no text is not also missing", () => {
    expect(said({ target: "target: [lambda, eks]" })).toMatchObject([{ path: "target", code: "TYPE" }]);
  });

  test("a refused value is not also missing", () => {
    expect(said({}, 'description: "${TfToken[TOKEN.0]}"').map(({ code }) => code)).toEqual(["TOKEN_LIKE"]);
  });

  test("lists that are too long name their length", () => {
    expect(said({}, "workload: { hourly: [1, 2] }")).toMatchObject([
      { code: "RANGE", message: "has 2 entries", allowed: "at least 24 entries" },
    ]);
  });

  test("a key that cannot be one is placed at the key", () => {
    expect(model('environment: { "A B": x }')).toMatchObject([
      {
        code: "FORMAT",
        path: "model.environment.A B",
        message: '"A B" cannot be a key here',
        fix: "rename the key",
      },
    ]);
  });
});
