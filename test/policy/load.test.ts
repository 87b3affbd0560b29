import { join } from "node:path";
import type { Issue } from "../../modules/issues/issue";
import { ManifestError } from "../../modules/issues/issue";
import { loadPolicies, policySources } from "../../modules/policy/load";
import { Project } from "../plugins/support";
import { KIT, policyCode } from "./support";

let project: Project;
beforeEach(() => {
  project = new Project();
});
afterEach(() => project.remove());

function load(...names: readonly string[]) {
  return loadPolicies(policySources({ policies: names }, project.path));
}

function issuesOf(run: () => unknown): readonly Pick<Issue, "code" | "message" | "file" | "path">[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return error.issues.map(({ code, message, file, path }) => ({ code, message, file, path }));
  }
  return [];
}

const at = (index: number) => ({ file: "cdktf.json", path: `context.modelport.policies[${index}]` });

test("a file and a package of the project are run, each once", () => {
  project.write("policies/names.js", policyCode());
  project.write("node_modules/@acme/policies/package.json", { name: "@acme/policies", main: "main.js" });
  project.write("node_modules/@acme/policies/main.js", policyCode('code: "ACME_OTHER",'));
  const codes = load("./policies/names.js", "@acme/policies", "./policies/names.js").map(({ code }) => code);
  expect(codes).toEqual(["ACME_NAMES", "ACME_OTHER"]);
});

test("TypeScript is run as it is, and the default export counts too", () => {
  project.write(
    "names.ts",
    `import { definePolicy, type PolicyStack } from ${JSON.stringify(KIT)};
const policy = definePolicy({
  code: "ACME_NAMES", title: "t", reason: "r", source: "s", asOf: "2026-11", severity: "warning",
  checkStack: (stack: PolicyStack) => stack.resources().map(({ address }) => ({ address, message: "is there" })),
});
export default policy;
export const policies = [policy];
`,
  );
  expect(load("./names.ts").map(({ code, severity }) => ({ code, severity }))).toEqual([
    { code: "ACME_NAMES", severity: "warning" },
  ]);
});

test("everything that is wrong with any of them is said at once, and where it was named", () => {
  project.write("none.js", "exports.rules = [];");
  project.write("object.js", "exports.policies = [{ code: 'ACME_NAMES' }];");
  project.write("first.js", policyCode());
  project.write("second.js", policyCode());
  project.write("taken.js", policyCode('code: "POLICY_LOG_RETENTION",'));
  project.write("flawed.js", policyCode('reason: "",'));
  expect(
    issuesOf(() =>
      load("./none.js", "./object.js", "./first.js", "./second.js", "./taken.js", "./flawed.js", "./no.js"),
    ),
  ).toEqual([
    { code: "POLICY_INVALID", message: "./none.js: exports no policy", ...at(0) },
    {
      code: "POLICY_INVALID",
      message: "./object.js: exports something that definePolicy did not make",
      ...at(1),
    },
    { code: "POLICY_INVALID", message: "./second.js: ./first.js has the code ACME_NAMES already", ...at(3) },
    {
      code: "POLICY_INVALID",
      message: "./taken.js: modelport has the code POLICY_LOG_RETENTION already",
      ...at(4),
    },
    {
      code: "PLUGIN_UNREADABLE",
      message: expect.stringMatching(
        /^\.\/flawed\.js: cannot be loaded: TypeError: definePolicy: reason is empty/,
      ) as string,
      ...at(5),
    },
    { code: "PLUGIN_UNREADABLE", message: "./no.js: there is no such file", ...at(6) },
  ]);
});

test.each([
  ["a text", "./names.js", "context.modelport.policies", "is no list of packages and files"],
  ["a list with a number", ["./a.js", 1], "context.modelport.policies[1]", "is no name of a package or file"],
])("%s in cdktf.json is refused", (_what, policies, path, message) => {
  expect(issuesOf(() => policySources({ policies }, project.path))).toEqual([
    { code: "PROJECT_FILE", message, file: "cdktf.json", path },
  ]);
});

test("what a policy throws counts as its own failure, with its place", () => {
  project.write("names.js", policyCode("checkPlan: () => { throw new RangeError('too many'); },"));
  const [policy] = load("./names.js");
  const found = issuesOf(() => policy?.checkPlan?.({} as never));
  expect(found).toEqual([
    {
      code: "POLICY_FAILED",
      message: expect.stringMatching(
        /^\.\/names\.js: ACME_NAMES failed: RangeError: too many, at .*names\.js:\d+:\d+$/,
      ) as string,
      ...at(0),
    },
  ]);
});

test("without any source nothing is read", () => {
  expect(loadPolicies([])).toEqual([]);
  expect(policySources(undefined, join("/", "nowhere"))).toEqual([]);
});
