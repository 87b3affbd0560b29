import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, run } from "./support/process";

interface Endpoint {
  readonly resource: {
    readonly aws_sagemaker_endpoint: Readonly<Record<string, { readonly name: string }>>;
    readonly aws_sagemaker_model: Readonly<
      Record<string, { readonly primary_container: { readonly model_data_url: string } }>
    >;
    readonly aws_appautoscaling_target: Readonly<Record<string, { readonly min_capacity: number }>>;
  };
}

test("the example of many endpoints makes fifty of one template, each with what its market says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "many-endpoints-"));
  try {
    const ended = await run(
      process.execPath,
      ["--import", require.resolve("tsx"), join("examples", "many-endpoints", "main.ts")],
      { cwd: ROOT, env: { CDKTF_OUTDIR: folder } },
    );
    expect(ended).toEqual({ code: 0, stdout: "", stderr: "" });
    const foundations = readdirSync(join(folder, "stacks")).filter((name) => name.endsWith("-foundation"));
    expect(foundations).toEqual(["forecasting-default-foundation"]);
    const endpoints = readdirSync(join(folder, "stacks"))
      .filter((name) => name.endsWith("-sagemaker-realtime"))
      .map(
        (name) => JSON.parse(readFileSync(join(folder, "stacks", name, "cdk.tf.json"), "utf8")) as Endpoint,
      )
      .map(({ resource }) => ({
        name: Object.values(resource.aws_sagemaker_endpoint)[0]?.name,
        data: Object.values(resource.aws_sagemaker_model)[0]?.primary_container.model_data_url,
        min: Object.values(resource.aws_appautoscaling_target)[0]?.min_capacity,
      }));
    expect(new Set(endpoints.map(({ name }) => name)).size).toBe(50);
    expect(endpoints.filter(({ min }) => min === 2)).toHaveLength(7);
    expect(endpoints.find(({ name }) => name === "demand-de-default")).toEqual({
      name: "demand-de-default",
      data: "s3://acme-forecasting-models/de/model.tar.gz",
      min: 2,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
