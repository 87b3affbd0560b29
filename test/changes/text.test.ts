import { planText } from "../../modules/changes/text";
import { planned, report, stackPlan } from "./support";

const COLOURS = {
  red: (text: string) => `<red>${text}</red>`,
  yellow: (text: string) => `<yellow>${text}</yellow>`,
  green: (text: string) => text,
  dim: (text: string) => text,
  bold: (text: string) => text,
};
const PLAIN = { ...COLOURS, red: (text: string) => text, yellow: (text: string) => text };

const endpoint = planned("aws_sagemaker_endpoint.endpoint", ["delete", "create"], {
  before: { name: "fraud-scorer-with-a-rather-long-name-1", kms: "k1" },
  after: { name: "fraud-scorer-with-a-rather-long-name-2", kms: "k2" },
  replace_paths: [["name"]],
});
const model = planned("aws_sagemaker_model.model", ["create", "delete"], {
  before: { a: 1 },
  after: { a: 2 },
});
const role = planned("aws_iam_role.role", ["update"], { before: { path: "/" }, after: { path: "/ml/" } });
const created = ["a", "b", "c"].map((name) => planned(`aws_iam_role.new-${name}`, ["create"]));

describe("planText", () => {
  test("reads well at 80 columns", () => {
    expect(planText(report([stackPlan([...created, role, model, endpoint])]), 80, PLAIN)).toBe(
      `fraud-prod-lambda: 2 to replace, 1 to update in place, 3 to create
  -/+ aws_sagemaker_endpoint.endpoint
      is replaced: the endpoint answers nobody until its successor is in
      service, which takes minutes [GUARD_ENDPOINT]
      fix: change what the endpoint runs through its configuration; an endpoint
      is updated in place
      or: --allow aws_sagemaker_endpoint.endpoint
        kms: "k1" -> "k2"
        name:
          ...rather-long-name-1" -> ...rather-long-name-2"  # forces replacement
  +/- aws_sagemaker_model.model
        a: 1 -> 2
    ~ aws_iam_role.role
        path: "/" -> "/ml/"
    + aws_iam_role: new-a, new-b, new-c

offline: it cannot know what is deployed, what providers fill in by default, nor
what only they refuse
1 stack: 2 to replace, 1 to update in place, 3 to create, 1 stopped by the guard`,
    );
  });

  test.each([80, 160])("no line is longer than %d columns", (width) => {
    const long = planned("aws_ecs_task_definition.task", ["create", "delete"], {
      before: {
        container_definitions: JSON.stringify([{ image: "a".repeat(300) }]),
        ["x".repeat(40)]: "y".repeat(99),
      },
      after: {
        container_definitions: JSON.stringify([{ image: "b".repeat(300) }]),
        ["x".repeat(40)]: "z".repeat(99),
      },
      replace_paths: [["container_definitions"]],
    });
    const many = Array.from({ length: 40 }, (_none, index) =>
      planned(`aws_subnet.private-subnet-${index}`, ["create"]),
    );
    const text = planText(report([stackPlan([long, endpoint, ...many])]), width, PLAIN);
    expect(text.split("\n").filter((line) => line.length > width)).toEqual([]);
  });

  test("what is live stands first and in red, other replacements in yellow", () => {
    const text = planText(report([stackPlan([role, model, endpoint])]), 80, COLOURS);
    expect(text).toContain("<red>  -/+ aws_sagemaker_endpoint.endpoint</red>");
    expect(text).toContain("<yellow>  +/- aws_sagemaker_model.model</yellow>");
    expect(text.indexOf("<red>")).toBeLessThan(text.indexOf("<yellow>"));
  });

  test("a stack that is no longer made is said to stay", () => {
    const gone = stackPlan([planned("aws_s3_bucket.data", ["delete"])], { removed: true, guard: [] });
    const text = planText(report([gone]), 80, PLAIN);
    expect(text).toContain("fraud-prod-lambda: no longer made");
    expect(text).toContain("its 1 resource stays as it is until its own `terraform destroy`");
    expect(text).toContain("1 stack: no changes, 1 no longer made");
  });

  test("many stacks without changes do not hide the one that changes", () => {
    const quiet = Array.from({ length: 5 }, (_none, index) => stackPlan([], { stack: `quiet-${index}` }));
    const text = planText(report([...quiet, stackPlan([role])]), 80, PLAIN);
    expect(text).not.toContain("quiet-0");
    expect(text).toContain("5 stacks: no changes");
    expect(text).toContain("fraud-prod-lambda: 1 to update in place");
  });

  test("a stack without a plan says why, and online how to get one", () => {
    const failed = stackPlan([], { error: "Error: no credentials\n\nmore" });
    const text = planText(report([failed], { offline: false }), 80, PLAIN);
    expect(text).toBe(`fraud-prod-lambda: no plan
  Error: no credentials

  more

1 stack: 1 without a plan
  plan --offline needs no providers, no credentials and no state`);
  });

  test("values cannot move the cursor", () => {
    const nasty = planned("aws_iam_role.role", ["update"], {
      before: { description: "a" },
      after: { description: "\u001b[2J\u009b31m\u202e" },
    });
    const text = planText(report([stackPlan([nasty])]), 80, PLAIN);
    // eslint-disable-next-line no-control-regex -- the point of it
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});
