import { readPlanFile } from "../../modules/changes/plan-file";
import { changesAnything, summarize } from "../../modules/changes/summary";
import { planned } from "./support";

const options = { stack: "s", allow: [], preventDestroy: [] };
const plan = (resource_changes: unknown[], output_changes: Record<string, unknown> = {}) =>
  readPlanFile({ format_version: "1.2", terraform_version: "1.11.4", resource_changes, output_changes });

describe("summarize", () => {
  test("counts as Terraform does, and puts what is guarded first", () => {
    const found = summarize(
      plan([
        planned("aws_iam_role.a", ["create"]),
        planned("aws_iam_role.b", ["update"], { before: { path: "/a" }, after: { path: "/b" } }),
        planned("aws_sagemaker_model.c", ["create", "delete"]),
        planned("aws_kms_key.d", ["delete", "create"]),
        planned("aws_iam_role.e", ["delete"]),
        planned("aws_iam_role.f", ["no-op"]),
        planned("aws_s3_bucket.g", ["delete"]),
        { ...planned("aws_region.h", ["read"]), mode: "data" },
        planned("aws_iam_role.i", ["forget"]),
      ]),
      options,
    );
    expect([found.create, found.update, found.replace, found.delete]).toEqual([1, 1, 2, 2]);
    expect(found.changes.map(({ address }) => address.split(".")[1])).toEqual("d g c e i b a".split(" "));
    expect(found.guard.map(({ address, code, action }) => [address, code, action])).toEqual([
      ["aws_kms_key.d", "GUARD_KEY", "replace"],
      ["aws_s3_bucket.g", "GUARD_DATA", "delete"],
    ]);
    expect(found.changes.find(({ action }) => action === "update")?.attributes).toEqual(["path"]);
  });

  test("of a replaced resource's unknown values only what forces it is shown", () => {
    const [change] = summarize(
      plan([
        planned("aws_subnet.a", ["delete", "create"], {
          before: { id: "1", vpc_id: "v" },
          after: {},
          after_unknown: { id: true, vpc_id: true },
          replace_paths: [["vpc_id"]],
        }),
      ]),
      options,
    ).changes;
    expect(change?.attributes).toEqual(["vpc_id"]);
  });

  test("a tag is not named twice", () => {
    const tags = (value: string) => ({ tags: { a: value }, tags_all: { a: value, b: value } });
    const [change] = summarize(
      plan([planned("aws_iam_role.a", ["update"], { before: tags("1"), after: tags("2") })]),
      options,
    ).changes;
    expect(change?.attributes).toEqual(["tags.a", "tags_all.b"]);
  });

  test("outputs alone are a change", () => {
    const change = { actions: ["update"], before: "a", after: "b" };
    const quiet = { actions: ["no-op"], before: "a", after: "a" };
    const found = summarize(plan([], { arn: change, name: quiet }), options);
    expect(found.outputs).toEqual(["arn"]);
    expect(changesAnything(found)).toBe(true);
    expect(changesAnything(summarize(plan([], { name: quiet }), options))).toBe(false);
  });

  test.each([[{}], [{ format_version: "2.0" }], [null], ["text"]])(
    "%j is no plan that can be read",
    (document) => {
      expect(() => readPlanFile(document)).toThrow(/no Terraform plan of format 1\.x/);
    },
  );
});
