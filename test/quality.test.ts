import { ROOT, run } from "./support/process";

const TIMEOUT_MS = 5 * 60_000;

test.each([
  ["types", "node_modules/typescript/bin/tsc", ["-p", "tsconfig.json", "--noEmit"]],
  ["lint", "node_modules/eslint/bin/eslint.js", ["."]],
  ["formatting", "node_modules/prettier/bin/prettier.cjs", ["--check", "."]],
] as const)(
  "%s",
  async (_, program, args) => {
    const { code, stdout, stderr } = await run(process.execPath, [program, ...args], {
      cwd: ROOT,
      env: { FORCE_COLOR: "0" },
    });
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
  },
  TIMEOUT_MS,
);
