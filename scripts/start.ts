import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The main job on the main example: check the manifest, make every target's Terraform, and compare the targets. */
const EXAMPLE = "examples/sentiment/modelport.yaml";
const WIDTH = 80;

const root = join(__dirname, "..");
const write = (text: string) => process.stdout.write(`${text}\n`);

/** Runs the command as built; its diagnostics go to the terminal, its failure ends this script. */
function modelport(args: readonly string[], stdout: "inherit" | "pipe"): string {
  write(`$ modelport ${args.join(" ")}`);
  const cli = join("dist", "cli", "index.js");
  const { status, stdout: result } = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", stdout, "inherit"],
    maxBuffer: 1 << 26,
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout === "pipe" ? result : "";
}

/** What every stack has beside what it is for. */
const PLUMBING =
  /_policy|_iam_|_cloudwatch_|_security_group|_route_table|_public_access|_ownership|_flow_log|_encryption/;
const SHOWN = 6;

/** The main types of a stack's resources: `2 aws_subnet, aws_vpc, and 12 types more`. */
function types(file: string): readonly string[] {
  const { resource = {} } = JSON.parse(readFileSync(join(root, file), "utf8")) as {
    resource?: Record<string, Record<string, unknown>>;
  };
  const main = Object.entries(resource).filter(([type]) => !PLUMBING.test(type));
  const shown = main
    .slice(0, SHOWN)
    .map(([type, all]) => (Object.keys(all).length > 1 ? `${Object.keys(all).length} ${type}` : type));
  const more = Object.keys(resource).length - shown.length;
  return more === 0 ? shown : [...shown, `and ${more} types more`];
}

function wrap(items: readonly string[]): string {
  const lines: string[] = [];
  let line = "";
  for (const [index, item] of items.entries()) {
    const part = index < items.length - 1 ? `${item},` : item;
    if (line !== "" && line.length + part.length + 3 > WIDTH) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? part : `${line} ${part}`;
  }
  return [...lines, line].map((text) => `  ${text}`).join("\n");
}

modelport(["validate", EXAMPLE], "inherit");
write("");
const document = modelport(["synth", EXAMPLE, "--target", "all", "--format", "json"], "pipe");
const { stacks } = JSON.parse(document) as {
  stacks: readonly { stack: string; file: string; resources: number }[];
};
for (const { stack, file, resources } of stacks) {
  write(`\n${stack}: ${resources} resources`);
  write(wrap(types(file)));
}
write(`\n${stacks.length} stacks of plain Terraform JSON: cdktf.out/stacks/<stack>/cdk.tf.json`);
write("");
modelport(["compare", EXAMPLE], "inherit");
write("\nNext: `npx modelport targets`; `npx modelport init <folder>` for a project.");
