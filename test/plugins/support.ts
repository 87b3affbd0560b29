import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../support/process";

/** What plug-ins of tests take from modelport, by path: they lie in no project that has it installed. */
export const KIT = join(ROOT, "modules", "plugins", "target-kit");

/** A project of a test's own. */
export class Project {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "modelport-plugins-")));

  write(file: string, content: string | object): string {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  /** `cdktf.json` that names plug-ins. */
  settings(...plugins: readonly unknown[]): void {
    this.write("cdktf.json", {
      language: "typescript",
      app: "node main.js",
      context: { modelport: { plugins } },
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * Code of a plug-in with one target, `greeter`, that says hello in an output.
 * @param changes members of the definition, as code, over those of the greeter.
 */
export function greeter(changes = "", kit: string = KIT): string {
  return `
const { defineTarget, field, limit, z } = require(${JSON.stringify(kit)});
const most = limit(64, "of anything", "https://docs.acme.example/limits", "2026-11");
const can = {
  summary: "Says hello.",
  architectures: ["x86_64", "arm64"],
  gpu: most, cpu: most, memory: { ...most, value: 1048576 }, storage: most,
  payload: { request: most, response: most },
  requestDuration: most,
  scaling: { policies: {}, minimum: { ...most, value: 1 }, fallback: null, instead: "remove scaling.policies" },
  rollouts: ["all-at-once"],
  secrets: "reference", images: "any", artifacts: [], server: "free", dataCapture: false, public: false,
};
const definition = {
  kind: "greeter", title: "Greeter", platform: "local", useCase: "Saying hello.",
  strengths: ["polite"], weaknesses: ["says little"],
  options: z.strictObject({
    greeting: field(z.string().max(20).default("hello"), { description: "What it says. Default hello." }),
  }),
  modes: { only: can }, modeOf: () => "only",
  codes: { GREETER_RUDE: { summary: "It is rude.", severity: "error" } },
  *check({ options }) {
    if (options.greeting === "hey")
      yield { path: ["targets", "greeter", "greeting"], code: "GREETER_RUDE", message: "is rude", fix: "say hello" };
  },
  needs: () => ({}),
  load: () => ({
    synthesize: (stack, plan) => stack.output("greeting", plan.options.greeting + ", " + plan.name),
  }),
  ${changes}
};
exports.targets = [defineTarget(definition)];
`;
}
