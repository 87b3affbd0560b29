import type { EnvironmentPlan, PlannedArtifact, PlannedNeo, TargetPlan } from "../plan/plan";
import { storagePrefix } from "../plan/storage-prefix";
import { shortHash } from "../stack/names";
import { deviceOfInstance, neoDevice, type NeoDevice } from "./devices";

/** One compilation, and where what it makes will lie. Nothing in it is known to Terraform only. */
export interface Compilation {
  readonly device: string;
  /** As the API names it, e.g. `PYTORCH`. */
  readonly framework: string;
  readonly frameworkVersion: string | null;
  /** JSON; null for a framework that needs none. */
  readonly dataInputConfig: string | null;
  /** JSON; null leaves it to Neo. */
  readonly compilerOptions: string | null;
  /** Seconds that a job may run. */
  readonly timeoutSeconds: number;
  /** Changes exactly when the artifact, the device or the configuration does. */
  readonly identity: string;
  /** Prefix of the output, without a slash at its end. */
  readonly folder: string;
  /** Key of the output. */
  readonly key: string;
}

/** What of a plan says where its data lies. */
type Deployed = Pick<TargetPlan<unknown>, "target" | "name" | "environment" | "foundation" | "storage">;

/** Key of a local artifact, which the foundation uploads for the compilation. */
export function sourceKey(plan: Deployed, digest: string): string {
  return `${neoPrefix(plan)}/source/${digest.slice(0, 16)}/${PACKED}`;
}

/** Where everything of the compilations lies in the bucket; below the target's own prefix, which its role reads. */
export function neoPrefix(plan: Deployed): string {
  return `${storagePrefix(plan)}${plan.target}/neo`;
}

/** Name under which a local artifact is packed. */
const PACKED = "model.tar.gz";

/** The device that a model is compiled for: the manifest's, or the one of the instance type; undefined where there is none. */
export function deviceOf({ device }: PlannedNeo, instanceType: string): NeoDevice | undefined {
  return device === null ? deviceOfInstance(instanceType) : neoDevice(device);
}

/** The input shapes as the API takes them; null where there are none. */
export function dataInputConfig({ inputs }: PlannedNeo): string | null {
  return Object.keys(inputs).length === 0 ? null : JSON.stringify(inputs);
}

/** The compiler's options as the API takes them; null where there are none. */
export function compilerOptions({ compilerOptions: given }: PlannedNeo): string | null {
  return given === null ? null : JSON.stringify(given);
}

/**
 * What is compiled of a plan, and where to. Null where the manifest wants nothing compiled.
 * @throws where the checks would have refused the plan.
 */
export function compilationOf(
  plan: Deployed & Pick<EnvironmentPlan, "model">,
  instanceType: string,
): Compilation | null {
  const { optimize, artifact } = plan.model;
  if (optimize === null) return null;
  const { neo } = optimize;
  const device = deviceOf(neo, instanceType)?.device;
  if (device === undefined || artifact === null) throw new Error("the plan was not checked");
  const configuration = {
    device,
    framework: neo.framework.toUpperCase(),
    frameworkVersion: neo.frameworkVersion,
    dataInputConfig: dataInputConfig(neo),
    compilerOptions: compilerOptions(neo),
  };
  const identity = shortHash(JSON.stringify([artifactIdentity(artifact), configuration]), 16);
  const folder = `${neoPrefix(plan)}/${identity}`;
  return {
    ...configuration,
    timeoutSeconds: Math.ceil(neo.timeout.seconds),
    identity,
    folder,
    key: `${folder}/${outputName(artifact, device)}`,
  };
}

function artifactIdentity(artifact: PlannedArtifact): string {
  return artifact.kind === "s3" ? artifact.uri : artifact.path.digest;
}

/**
 * The name that Neo gives to what it makes: the input's, then the device's.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/neo-getting-started-edge-step1.html (`{model}-{target_device}.tar.gz`, 2026-11-23)
 */
function outputName(artifact: PlannedArtifact, device: string): string {
  const input = artifact.kind === "s3" ? artifact.key.slice(artifact.key.lastIndexOf("/") + 1) : PACKED;
  return `${input.replace(/\.tar\.gz$/, "")}-${device}.tar.gz`;
}
