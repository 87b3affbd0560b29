import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typesInFolder } from "../../modules/offline/stack-types";

describe("typesInFolder", () => {
  const dir = mkdtempSync(join(tmpdir(), "types-"));
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  afterAll(() => rmSync(dir, { recursive: true }));

  test("collects from JSON, HCL, and the state of any name", () => {
    write("cdk.tf.json", {
      terraform: { backend: { local: { path: "kept/here.json" } } },
      resource: { aws_vpc: {} },
      data: [{ aws_region: {} }, { aws_partition: {} }],
    });
    write("more.tf", 'resource "aws_eip" "a" {}\n  data "aws_ami" "b" {}\n# resource "aws_no" "c" {}\n');
    write("terraform.tfstate", {
      resources: [
        { mode: "managed", type: "aws_subnet" },
        { mode: "data", type: "aws_vpcs" },
      ],
    });
    expect(typesInFolder(dir)).toEqual({
      resources: ["aws_eip", "aws_subnet", "aws_vpc"],
      dataSources: ["aws_ami", "aws_partition", "aws_region", "aws_vpcs"],
    });
  });

  test("reads the state that a local backend names", () => {
    write("here.json", { resources: [{ mode: "managed", type: "aws_flow_log" }] });
    write("cdk.tf.json", { terraform: [{ backend: [{ local: [{ path: "here.json" }] }] }] });
    expect(typesInFolder(dir).resources).toContain("aws_flow_log");
  });

  test("leaves a broken file to Terraform", () => {
    write("broken.tf.json", "{");
    expect(() => typesInFolder(dir)).not.toThrow();
  });
});
