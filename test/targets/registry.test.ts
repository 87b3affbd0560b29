import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { targets } from "../../targets";

const FOLDER = join(__dirname, "..", "..", "targets");
const folders = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test("the registry and the folders agree", () => {
  expect(targets.map(({ kind }) => kind).sort()).toEqual([...folders].sort());
});

test("the targets are those of the contract, in its order", () => {
  expect(targets.map(({ kind }) => kind)).toEqual([
    "sagemaker-realtime",
    "lambda",
    "ecs-fargate",
    "eks",
    "sagemaker-batch",
    "docker",
  ]);
});

describe.each(targets.map((target) => [target.kind, target] as const))("%s", (kind, target) => {
  test("has its readme, options, limits and constructs in its folder", () => {
    for (const file of ["README.md", "index.ts", "options.ts", "limits.ts", "stack.ts"]) {
      expect([file, existsSync(join(FOLDER, kind, file))]).toEqual([file, true]);
    }
  });

  test("says what it is for, and gives source and date with every limit", () => {
    expect(target.useCase).toMatch(/\.$/);
    for (const can of Object.values(target.modes)) {
      const limits = [can.gpu, can.cpu, can.memory, can.storage, can.requestDuration, can.scaling.minimum];
      for (const { source, asOf } of [...limits, can.payload.request, can.payload.response]) {
        expect(source.length).toBeGreaterThan(10);
        expect(asOf).toMatch(/^20\d\d(?:-\d\d){1,2}$/);
      }
    }
  });

  test("starts without cdktf", () => {
    const index = readFileSync(join(FOLDER, kind, "index.ts"), "utf8");
    expect(index).toContain('require("./stack")');
    expect(index).not.toMatch(/from "(?:cdktf|@cdktf|\.\/stack)/);
  });
});
