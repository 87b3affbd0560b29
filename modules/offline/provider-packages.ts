import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A provider whose schema can be derived from an installed package. */
export interface ProviderPackage {
  /** First part of its type names, for instance "aws". */
  prefix: string;
  npmPackage: string;
  /** Address in the registry, for instance "registry.terraform.io/hashicorp/aws". */
  address: string;
  /** Version of the provider that the package was generated from. */
  version: string;
  /** Folder with one folder per type. */
  lib: string;
}

const PREFIXES = ["aws", "kubernetes", "docker"] as const;

/** The provider packages that are installed, in a fixed order. */
export function installedProviders(): ProviderPackage[] {
  const load = createRequire(__filename);
  const found: ProviderPackage[] = [];
  for (const prefix of PREFIXES) {
    const npmPackage = `@cdktf/provider-${prefix}`;
    let manifestPath: string;
    try {
      manifestPath = load.resolve(`${npmPackage}/package.json`);
    } catch {
      continue;
    }
    const manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as {
      cdktf: { provider: { name: string; version: string } };
    };
    found.push({
      prefix,
      npmPackage,
      address: manifest.cdktf.provider.name,
      version: manifest.cdktf.provider.version,
      lib: join(dirname(manifestPath), "lib"),
    });
  }
  return found;
}
