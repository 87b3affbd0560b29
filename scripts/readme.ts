import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "../targets/target";
import { targetsOverview } from "./reference";

const TARGETS = /(<!-- targets -->\n)[\s\S]*?(<!-- \/targets -->)/;
const CONSOLE = /^```console\n([\s\S]*?)^```$/gm;

/**
 * The README with its table of targets as it is now.
 * @throws {Error} where the README has no place for it.
 */
export function withTargets(readme: string, registry: readonly Target[]): string {
  if (!TARGETS.test(readme)) throw new Error("the README has no <!-- targets --> ... <!-- /targets -->");
  return readme.replace(
    TARGETS,
    (_, start: string, end: string) => `${start}\n${targetsOverview(registry)}\n\n${end}`,
  );
}

/** The manifests of the README: its blocks of YAML. */
export function manifests(readme: string): readonly string[] {
  return [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
}

/**
 * The README with what its commands print now: those after `$ ` in blocks marked `console`, in a folder where the
 * README's first manifest is `modelport.yaml`.
 * @param hasTerraform false leaves the blocks as they are whose commands need Terraform.
 */
export async function withOutputs(readme: string, hasTerraform = true): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "modelport-readme-"));
  try {
    writeFileSync(join(folder, "modelport.yaml"), manifests(readme)[0] ?? "");
    let result = readme;
    for (const [block, code = ""] of readme.matchAll(CONSOLE)) {
      const commands = code.split("\n").filter((line) => line.startsWith("$ "));
      if (!hasTerraform && commands.some((line) => line.startsWith("$ npx modelport plan"))) continue;
      const lines: string[] = [];
      for (const line of commands) {
        const output = (await printed(line.slice(2), folder)).trimEnd();
        lines.push(line, ...(output === "" ? [] : [output]));
      }
      result = result.replace(block, () => `\`\`\`console\n${lines.join("\n")}\n\`\`\``);
    }
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a command prints, both streams in their order, as on a terminal. */
function printed(command: string, folder: string): Promise<string> {
  if (!/^(npx modelport|sed) /.test(command))
    throw new Error(`the README runs something else than modelport: ${command}`);
  const cli = join(__dirname, "..", "dist", "cli", "index.js");
  const own = command.replace(/^npx modelport /, '"$0" "$1" ');
  return new Promise((done) => {
    execFile("sh", ["-c", `{ ${own}; } 2>&1`, process.execPath, cli], { cwd: folder }, (_, stdout) => {
      done(stdout);
    });
  });
}
