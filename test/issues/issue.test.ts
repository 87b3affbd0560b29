import { formatIssue, formatPath, type Issue, ManifestError, show } from "../../modules/issues/issue";
import { nearest } from "../../modules/issues/nearest";

const ISSUE: Issue = {
  file: "modelport.yaml",
  line: 14,
  column: 9,
  path: "targets.ecs-fargate.memory",
  code: "FARGATE_MEMORY",
  severity: "error",
  message: "3Gi is not offered with 0.25 vCPU",
};

describe("formatPath", () => {
  test.each([
    [[], ""],
    [["name"], "name"],
    [["scaling", "policies", 0, "metric"], "scaling.policies[0].metric"],
    [[0, "a"], "[0].a"],
    [["a", 1, 2], "a[1][2]"],
    [[""], '""'],
    [["a", ""], 'a.""'],
  ])("%j reads %s", (path, text) => {
    expect(formatPath(path)).toBe(text);
  });
});

describe("formatIssue", () => {
  test("names file, place, field, message and code", () => {
    expect(formatIssue(ISSUE)).toBe(
      "modelport.yaml:14:9 targets.ecs-fargate.memory: 3Gi is not offered with 0.25 vCPU [FARGATE_MEMORY]",
    );
  });

  test("adds target, what is allowed, and the fix", () => {
    expect(formatIssue({ ...ISSUE, target: "ecs-fargate", allowed: "512Mi", fix: "lower it" })).toBe(
      [
        "modelport.yaml:14:9 targets.ecs-fargate.memory: 3Gi is not offered with 0.25 vCPU [FARGATE_MEMORY] (ecs-fargate)",
        "  allowed: 512Mi",
        "  fix: lower it",
      ].join("\n"),
    );
  });

  test("leaves out a place that there is none of", () => {
    expect(formatIssue({ ...ISSUE, line: 0, column: 0, path: "" })).toBe(
      "modelport.yaml 3Gi is not offered with 0.25 vCPU [FARGATE_MEMORY]",
    );
  });

  test("cuts a path that goes on and on", () => {
    expect(formatIssue({ ...ISSUE, path: "x".repeat(10_000) }).length).toBeLessThan(400);
  });

  test("a ManifestError reads as all of its issues", () => {
    const error = new ManifestError([ISSUE, { ...ISSUE, line: 15 }]);
    expect(error.message).toBe(`${formatIssue(ISSUE)}\n${formatIssue({ ...ISSUE, line: 15 })}`);
    expect(error.name).toBe("ManifestError");
  });
});

describe("show", () => {
  test.each([
    [undefined, "nothing"],
    [null, "null"],
    ["a", '"a"'],
    ['"\n', '"\\"\\n"'],
    [1.5, "1.5"],
    [["a", 1], '["a",1]'],
    ["x".repeat(78), `"${"x".repeat(78)}"`],
    ["x".repeat(79), `"${"x".repeat(76)}...`],
  ])("%j reads %s", (value, text) => {
    expect(show(value)).toBe(text);
  });
});

describe("nearest", () => {
  const candidates = ["sagemaker-realtime", "sagemaker-batch", "lambda", "ecs-fargate", "eks"];
  test.each([
    ["lamda", "lambda"],
    ["LAMBDA", "lambda"],
    ["esk", "eks"],
    ["fargate", undefined],
    ["ecs", "eks"],
    ["sagemaker-realtim", "sagemaker-realtime"],
    ["sagemaker", "sagemaker-realtime"],
    ["kubernetes", undefined],
    ["", undefined],
  ])("%j means %s", (word, meant) => {
    expect(nearest(word, candidates)).toBe(meant);
  });
});
