import { appendFileSync, cpSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifestData, resolveCase } from "../../modules/conformance";
import { formatIssue } from "../../modules/issues/issue";
import { isDataObject, type Data, type DataObject } from "../../modules/manifest/data";
import type { Resolution } from "../../modules/plan/resolve";
import { targets } from "../../targets";
import type { Example } from "../support/examples";

/** What a model goes through: as the example has it, its next release, and that one without protection. */
export type Version = "first" | "next" | "unprotected";

/** An example on a target, in an environment. */
export interface LifeCase {
  readonly example: Example;
  readonly target: string;
  /** Null for the manifest without an overlay. */
  readonly environment: string | null;
}

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

/** The model of one case, version by version, in a copy of the example's folder. */
export class ReleasedModel {
  private readonly directory: string;

  /** @param folder an empty one, which the example is copied to. */
  constructor(
    private readonly given: LifeCase,
    folder: string,
  ) {
    this.directory = folder;
    cpSync(dirname(given.example.file), folder, { recursive: true });
  }

  /** @throws Error where the manifest of a version is refused. */
  resolve(version: Version): Resolution {
    if (version === "next") this.touchFiles();
    const { target, environment } = this.given;
    const data = versionOf(this.data(), version);
    const manifest = { data, directory: this.directory };
    const resolution = resolveCase({ registry: targets, target, environment, manifest });
    const errors = resolution.issues.filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw new Error(errors.map(formatIssue).join("\n"));
    return resolution;
  }

  /** Value of the variable `image_digest`, for stacks whose image is built outside of Terraform. */
  imageDigest(version: Version): string {
    return digest(version === "first" ? "1" : "2");
  }

  /** What is built or packed from files has to differ in them. */
  private touchFiles(): void {
    for (const [file, text] of [
      ["server/Dockerfile", "\nLABEL release=next\n"],
      ["model/model.onnx", "more weights"],
    ] as const) {
      const path = join(this.directory, file);
      if (existsSync(path)) appendFileSync(path, text);
    }
  }

  private data(): DataObject {
    const { target, environment, example } = this.given;
    const { data } = manifestData({ registry: targets, target, environment, manifest: example.file });
    if (!isDataObject(data)) throw new Error(`${example.file} is no map`);
    return data;
  }
}

function versionOf(manifest: DataObject, version: Version): Data {
  if (version === "first") return manifest;
  const released = {
    ...manifest,
    tags: { ...objectAt(manifest.tags), release: "next" },
    model: nextModel(objectAt(manifest.model)),
  };
  if (version === "next") return released;
  return { ...released, security: { ...objectAt(manifest.security), deletionProtection: false } };
}

/** Another image, another artifact, one more variable. */
function nextModel(model: DataObject): DataObject {
  const { image, artifact, environment } = model;
  return {
    ...model,
    ...(typeof image === "string" ? { image: `${image.replace(/@.*$/, "")}@${digest("2")}` } : {}),
    ...(typeof artifact === "string" ? { artifact: artifact.replace(/^(s3:\/\/[^/]+\/)/, "$1next/") } : {}),
    environment: { ...objectAt(environment), RELEASE: "next" },
  };
}

function objectAt(value: Data | undefined): DataObject {
  return isDataObject(value) ? value : {};
}
