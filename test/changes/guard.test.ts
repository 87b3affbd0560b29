import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXPENDABLE, guard, GUARD_RULES, guardRuleOf } from "../../modules/changes/guard";

const ROOT = join(__dirname, "..", "..");

/** Resource types whose constructs the sources import, whatever options make them appear. */
function typesInUse(): readonly string[] {
  const files = ["targets", "modules"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(ROOT, folder, name)),
  );
  const imports = /@cdktf\/provider-(aws|kubernetes|docker)\/lib\/([a-z0-9-]+)"/g;
  const types = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(imports)]
      .filter(([, , name]) => name !== "provider")
      .map(([, prefix = "", name = ""]) => `${prefix}_${name.replaceAll("-", "_")}`),
  );
  return [...new Set(types)].sort();
}

describe("guard", () => {
  const guarded = GUARD_RULES.flatMap(({ types }) => types);
  const expendable = EXPENDABLE.flatMap(({ types }) => types);

  test("every type that our stacks use is decided on, once, and no other", () => {
    expect([...guarded, ...expendable].sort()).toEqual(typesInUse());
  });

  test.each(GUARD_RULES)("$code says what is lost, what to do, and where that was read", (rule) => {
    expect(rule.code).toMatch(/^GUARD_[A-Z_]+$/);
    expect(rule.source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    expect(rule.asOf).toMatch(/^2026-\d\d-\d\d$/);
    expect([rule.loss, rule.fix].every((text) => text.length > 20 && !text.endsWith("."))).toBe(true);
  });

  test.each([
    "aws_sagemaker_endpoint",
    "aws_s3_bucket",
    "aws_kms_key",
    "aws_eks_cluster",
    "aws_ecs_cluster",
    "aws_lb",
    "aws_ecr_repository",
  ])("%s is guarded", (type) => {
    expect(guardRuleOf(type)).toBeDefined();
  });

  const options = { stack: "fraud-prod-foundation", allow: [], preventDestroy: [] };
  const key = { address: "aws_kms_key.key", type: "aws_kms_key", action: "delete" } as const;

  test("a destruction is found, with its reason and a way out", () => {
    expect(guard(key, options)).toEqual({
      ...key,
      code: "GUARD_KEY",
      message: "is destroyed: nothing that was encrypted under it can be read any more once it is deleted",
      fix: "keep the key, and give a new one to new data",
      allowed: false,
      preventDestroy: false,
    });
  });

  test.each([
    ["its address", "aws_kms_key.key", true],
    ["its stack and address", "fraud-prod-foundation/aws_kms_key.key", true],
    ["everything", "all", true],
    ["its type", "aws_kms_key", false],
    ["another stack's", "fraud-test-foundation/aws_kms_key.key", false],
  ])("allowing %s counts: %s", (_what, allow, allowed) => {
    expect(guard(key, { ...options, allow: [allow] })?.allowed).toBe(allowed);
  });

  test("it says where Terraform will refuse too", () => {
    const finding = guard(key, { ...options, preventDestroy: [key.address] });
    expect(finding?.preventDestroy).toBe(true);
  });

  test("what is expendable passes", () => {
    const model = {
      address: "aws_sagemaker_model.model",
      type: "aws_sagemaker_model",
      action: "replace",
    } as const;
    expect(guard(model, options)).toBeNull();
  });
});
