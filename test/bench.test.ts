import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareSynthesis, growth, writeManifests } from "../bench/synthesis";

// `npm run bench` holds the figures of a release. Here, among other tests on a busy machine, only a gross regression fails.
describe("speed", () => {
  test("synthesis is not far from plain cdktf's, for the same resources", () => {
    const { differing, ratio } = compareSynthesis(8, 3);
    expect(differing).toEqual([]);
    expect(ratio).toBeLessThan(1.8);
  });

  test("four times the models do not cost far more than four times the time", () => {
    expect(growth(5, 3).ratio).toBeLessThan(7);
  });

  test("validating one manifest is a matter of moments", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    try {
      writeManifests(folder, 1);
      const root = join(__dirname, "..");
      const times = Array.from({ length: 4 }, () => {
        const start = process.hrtime.bigint();
        const { status } = spawnSync(
          process.execPath,
          ["--import", require.resolve("tsx"), join(root, "cli", "index.ts"), "validate", "model-0.yaml"],
          { cwd: folder },
        );
        expect(status).toBe(0);
        return Number(process.hrtime.bigint() - start) / 1e9;
      });
      // Compiling the sources on the way takes longer than what is measured.
      expect(Math.min(...times)).toBeLessThan(4);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
