import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTerraform, terraformCommands } from "../../modules/terraform/binary";

describe("findTerraform", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "binary-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, body: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const env = (more = {}) => ({ PATH: `${folder}:/usr/bin:/bin`, ...more });

  test("Terraform goes before OpenTofu", async () => {
    program("terraform", 'echo "Terraform v1.11.4"; echo "on linux_amd64"');
    program("tofu", 'echo "OpenTofu v1.10.0"');
    expect(await findTerraform(env())).toEqual({
      command: "terraform",
      product: "Terraform",
      version: "1.11.4",
    });
  });

  test("OpenTofu serves where there is no Terraform", async () => {
    program("tofu", 'echo "OpenTofu v1.10.0-rc1"');
    expect(await findTerraform(env())).toEqual({
      command: "tofu",
      product: "OpenTofu",
      version: "1.10.0-rc1",
    });
  });

  test("the variable that cdktf knows names the only candidate", async () => {
    program("terraform", 'echo "Terraform v1.11.4"');
    expect(terraformCommands({ TERRAFORM_BINARY_NAME: "tofu" })).toEqual(["tofu"]);
    expect(await findTerraform(env({ TERRAFORM_BINARY_NAME: "tofu" }))).toBeNull();
    expect(terraformCommands({ TERRAFORM_BINARY_NAME: "" })).toEqual(["terraform", "tofu"]);
  });

  test("a program that fails or says something else is none", async () => {
    program("terraform", 'echo "Terraform v1.11.4"; exit 1');
    program("tofu", "echo hello");
    expect(await findTerraform(env())).toBeNull();
  });

  test("it asks nobody for news", async () => {
    program("terraform", 'echo "Terraform v1.0.$CHECKPOINT_DISABLE"');
    expect((await findTerraform(env()))?.version).toBe("1.0.1");
  });
});
