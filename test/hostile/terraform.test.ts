import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, constantFrom, oneof, sample, string } from "fast-check";
import { loadManifestValue } from "../../modules/manifest/load";
import { type OfflineSession, runTerraform, Stage, startOfflineProviders } from "../../modules/offline";
import { ManifestError } from "../../modules/issues/issue";
import { resolveManifest } from "../../modules/plan/resolve";
import { escapeTemplate } from "../../modules/stack/seal";
import { targets } from "../../targets";
import { CACHE, describeWithTerraform } from "../offline/support";
import { baseManifest, type Json } from "../support/synth";
import { TEXTS } from "./payloads";
import { documents } from "./synthesis";

const SEED = Number(process.env.MODELPORT_HOSTILE_SEED ?? 20_261_123);

const PIECES = [
  ...Array.from("${}%\\\"'`$#()[]<>~&*|?!@^:;,=./-+ \n\t"),
  "${",
  "$${",
  "$$${",
  "%{",
  "%%{",
  "%%%{",
  "${~",
  "\\n",
  "\\u0041",
  "\\${",
  '"}',
  "if",
  "endif",
  "var.x",
  'file("/etc/passwd")',
  "null",
  "//",
  "/*",
  "<<EOF\n",
  "a",
  "é",
  "日本",
  "🙂",
  "\u00a0",
  "\u2028",
  "\u202e",
];

/** What no manifest takes anyway. */
const isText = (text: string) => {
  const { findings } = loadManifestValue({ description: text }, process.cwd());
  return findings.length === 0;
};

const nasty: readonly string[] = [
  ...new Set([
    ...TEXTS.filter((text) => text.length <= 4096),
    ...sample(
      oneof(
        {
          weight: 3,
          arbitrary: array(constantFrom(...PIECES), { minLength: 1, maxLength: 12 }).map((all) =>
            all.join(""),
          ),
        },
        { weight: 1, arbitrary: string({ unit: "binary", minLength: 1, maxLength: 20 }) },
      ),
      { numRuns: 3_000, seed: SEED },
    ),
  ]),
].filter(isText);

/** Terraform writes all text in Unicode's composed form. */
const composed = (text: string) => text.normalize("NFC");

describeWithTerraform(`through the real Terraform (seed ${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  let session: OfflineSession;
  beforeAll(async () => {
    session = await startOfflineProviders({ cacheDir: CACHE });
  }, 120_000);
  afterAll(async () => {
    await session.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What Terraform makes of values. */
  async function outputs(document: object): Promise<Readonly<Record<string, { readonly value: unknown }>>> {
    const dir = mkdtempSync(join(folder, "values-"));
    writeFileSync(join(dir, "main.tf.json"), JSON.stringify(document));
    const applied = await runTerraform(session, dir, ["apply", "-auto-approve", "-no-color"]);
    expect(applied.stderr.slice(-300)).toBe("");
    const shown = await runTerraform(session, dir, ["output", "-json"]);
    return JSON.parse(shown.stdout) as Record<string, { value: unknown }>;
  }

  test("thousands of texts as values and as keys come back as they were", async () => {
    expect(nasty.length).toBeGreaterThan(2_500);
    expect(nasty.filter((text) => /[$%]\{/.test(text)).length).toBeGreaterThan(800);
    // Keys that Terraform composes into one would be one: tags with such keys are refused, variables have none.
    const keys = [...new Map(nasty.map((text) => [composed(text), text])).values()].filter(
      (key) => key !== "//",
    );
    const { values, map } = await outputs({
      output: {
        values: { value: nasty.map(escapeTemplate) },
        map: { value: Object.fromEntries(keys.map((key, index) => [escapeTemplate(key), index])) },
      },
    });
    const returned = values?.value as readonly string[];
    expect(returned).toHaveLength(nasty.length);
    // A few of them tell enough.
    expect(
      nasty
        .flatMap((text, at) => (returned[at] === composed(text) ? [] : [[text, returned[at]]]))
        .slice(0, 5),
    ).toEqual([]);
    const held = new Map(Object.entries(map?.value as Json));
    expect(held.size).toBe(keys.length);
    expect(keys.filter((key, at) => held.get(composed(key)) !== at).slice(0, 5)).toEqual([]);
  }, 120_000);

  test("a text that is not escaped would not come back", async () => {
    const { value } = await outputs({
      output: { value: { value: '${upper("x")} $${y} %{ if true }z%{ endif }' } },
    });
    expect(value?.value).toBe("X ${y} z");
  }, 120_000);

  /** Strings of a JSON value, without those that Terraform has yet to compute. */
  const texts = (value: unknown): readonly string[] => {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null) return [];
    return Object.values(value).flatMap(texts);
  };

  test.each(["lambda", "docker", "ecs-fargate", "eks", "sagemaker-realtime", "sagemaker-batch"])(
    "%s: what a manifest says stands in the plan",
    async (kind) => {
      expect(targets.map((target) => target.kind)).toContain(kind);
      // As many as the tightest target takes.
      const values = nasty.filter((text) => text.length <= 60 && !/[\r\n]$/.test(text)).slice(0, 40);
      const [first = ""] = values.filter((text) => text.startsWith("${"));
      const manifest = baseManifest({
        account: "123456789012",
        description: first.slice(0, 60),
        tags: { team: "größe 1.5 @home", "cost:center/x=y+z": "a.b:c/d=e+f-g@h" },
        security: {
          kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        },
        observability: { notify: "arn:aws:sns:eu-west-1:123456789012:oncall" },
        resources: { cpu: 1, memory: "2Gi" },
        model: {
          ...(baseManifest().model as Json),
          environment: Object.fromEntries(values.map((value, index) => [`V${index}`, value])),
        },
        network: {
          vpcId: "vpc-0a1b2c3d4e5f60718",
          subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
        },
        targets: {
          "sagemaker-batch": { input: "s3://in/", output: "s3://out/" },
          eks: {
            cluster: "shared",
            endpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
            certificateAuthority: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tYQ==",
          },
        },
      });
      const written = documents(resolved(manifest, kind));
      const planned = texts(await planOf(written, kind));
      const inJson = planned.flatMap((text) => (/^[[{]/.test(text) ? jsonTexts(text) : []));
      const all = [...planned, ...inJson, ...planned.map((text) => text.replace(/^V\d+=/, ""))];
      const seen = new Set(all);
      // Kubernetes has an escape of its own, undone in markers.test.ts.
      const asPlanned = kind === "eks" ? values.filter((value) => !/\$[$(]/.test(value)) : values;
      expect(asPlanned.filter((value) => !seen.has(composed(value)))).toEqual([]);
    },
    240_000,
  );

  function resolved(manifest: Json, kind: string) {
    const resolution = resolveManifest(loadManifestValue(manifest, process.cwd()), {
      environment: null,
      targets: [kind],
      registry: targets,
    });
    const errors = resolution.issues.filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw new ManifestError(errors);
    return resolution;
  }

  function jsonTexts(text: string): readonly string[] {
    try {
      return texts(JSON.parse(text));
    } catch {
      return [];
    }
  }

  /** What Terraform plans for the target's stack; those that it reads are applied first. */
  async function planOf(written: Readonly<Record<string, object>>, kind: string): Promise<unknown> {
    const dir = mkdtempSync(join(folder, "stacks-"));
    for (const [name, document] of Object.entries(written)) {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, "cdk.tf.json"), JSON.stringify(document));
    }
    const name = Object.keys(written).find((id) => id.endsWith(`-${kind}`)) ?? "";
    const copy = await new Stage(session, join(dir, "work")).add(join(dir, name));
    const planned = await runTerraform(session, copy, ["plan", "-no-color", "-out=plan.bin"]);
    if (planned.exitCode !== 0) throw new Error(planned.stderr + planned.stdout);
    const shown = await runTerraform(session, copy, ["show", "-json", "plan.bin"]);
    return (JSON.parse(shown.stdout) as { planned_values: unknown }).planned_values;
  }
});
