import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capacities, simulateSpeed } from "../bench/simulate";
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

  test("days of many requests are simulated in moments and in no memory to speak of, on every target", () => {
    const cases = capacities();
    expect(cases.map(({ name }) => name)).toEqual([
      "sagemaker-realtime/provisioned",
      "sagemaker-realtime/serverless",
      "sagemaker-realtime/serverless, kept warm",
      "sagemaker-realtime/async",
      "lambda/image",
      "lambda/image, kept warm",
      "ecs-fargate/service",
      "eks/deployment",
      "sagemaker-batch/job",
      "docker/container",
    ]);
    expect(new Set(cases.map(({ capacity }) => capacity.kind)).size).toBe(3);
    // Within Jest the simulation is some ten times as slow.
    const { day, ratio, heap } = simulateSpeed(2, 3);
    expect(day).toBeLessThan(20);
    expect(ratio).toBeLessThan(9);
    expect(heap).toBeLessThan(4);
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
