import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../support/cli";
import { TEMPLATES } from "./support";

let out: string;
beforeEach(() => (out = mkdtempSync(join(tmpdir(), "import-"))));
afterEach(() => {
  rmSync(out, { recursive: true, force: true });
});

const run = (template: string, ...more: readonly string[]) =>
  cli(["import", "cloudformation", join(TEMPLATES, template), "--out", out, ...more]);

const STACK = ["--region", "eu-west-1", "--account", "123456789012"];

test("writes a manifest that validate finds in the folder, and says on stdout what is not in it", async () => {
  const { code, stdout, stderr } = await run("variants.yaml", ...STACK);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`${join(out, "rank.modelport.yaml")}  endpoint RankEndpoint, `);
  expect(stdout).toContain("28:7 Config.Properties.ShadowProductionVariants");
  expect(await cli(["validate", out])).toMatchObject({ code: 0, stderr: "1 manifest: no problems\n" });
  const again = await run("variants.yaml", ...STACK);
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain("[IMPORT_EXISTS]");
  expect(await run("variants.yaml", ...STACK, "--force")).toMatchObject({ code: 0 });
}, 60_000);

test("with gaps, the manifest is written all the same, and the exit code is 1", async () => {
  const { code, stdout } = await run("classic.json", ...STACK, "--format", "json");
  expect(code).toBe(1);
  const document = JSON.parse(stdout) as {
    manifests: { file: string; notCarried: object[] }[];
    issues: object[];
  };
  expect(Object.keys(document)).toEqual(["schemaVersion", "manifests", "notCarried", "issues"]);
  expect(document.manifests.map((manifest) => Object.keys(manifest))).toEqual([
    ["file", "name", "endpoint", "carried", "notCarried"],
  ]);
  expect(document.manifests[0]?.notCarried).toContainEqual({
    resource: "Model",
    path: "Properties.PrimaryContainer.Image",
    line: 16,
    column: 11,
    reason: "is imported from another stack (Fn::ImportValue), and only AWS knows its value",
    effect: "fill",
    to: "model.image",
  });
  expect(document.issues).toHaveLength(3);
  expect(readFileSync(join(out, "fraud.modelport.yaml"), "utf8")).toContain("image: # FILL IN: ");
}, 60_000);

test("takes parameters one by one, before or after the template", async () => {
  const values = [
    "--parameter",
    "Stage=prod",
    "--parameter",
    "Image=123456789012.dkr.ecr.eu-west-1.amazonaws.com/m:1=a",
  ];
  const { code, stderr } = await cli([
    "import",
    "cloudformation",
    ...values,
    ...STACK,
    "--out",
    out,
    join(TEMPLATES, "mappings.yaml"),
  ]);
  // The image is refused as it came, its second equals sign included.
  expect(code).toBe(1);
  expect(stderr).toContain("m:1=a");
  expect(readdirSync(out)).toEqual(["mapped-prod.modelport.yaml"]);
}, 60_000);

test.each([
  [["import"], 2],
  [["import", "cloudformation"], 2],
  [["import", "terraform", "x"], 2],
  [["import", "cloudformation", "absent.yaml"], 1],
])(
  "%j exits with %d and prints nothing to stdout",
  async (args, code) => {
    expect(await cli(args)).toMatchObject({ code, stdout: "" });
  },
  60_000,
);
