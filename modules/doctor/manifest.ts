import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { MANIFEST_FILE } from "../app/inputs";
import { show } from "../issues/issue";
import { isDataObject } from "../manifest/data";
import { type Draft, manifestJsonSchema } from "../manifest/json-schema";
import { API_VERSION } from "../manifest/schema";
import type { Check, DoctorContext } from "./check";
import { readJson } from "./project-facts";

/** The manifests: their version, and whether `validate` finds anything. */
export const manifest: Check = {
  id: "manifest",
  title: "Manifest",
  needs: [],
  neededFor: ["every command that takes a manifest"],
  run: ({ project: { patterns, asked, models, issues } }) => {
    const names = patterns.join(" ");
    if (models.length === 0) {
      return asked
        ? { status: "failed", found: `${names} matches no manifest`, fix: "check the path" }
        : { status: "absent", found: `no ${MANIFEST_FILE} here`, fix: "`npx modelport init` makes one" };
    }
    const foreign = models.find(
      ({ apiVersion }) => typeof apiVersion === "string" && apiVersion !== API_VERSION,
    );
    if (foreign !== undefined) {
      return {
        status: "failed",
        found: `${foreign.file} is written for ${show(foreign.apiVersion)}; this modelport reads ${API_VERSION}`,
        fix: "`npm install --save-exact modelport@latest` for a newer format, or correct `apiVersion`",
      };
    }
    const errors = issues.filter(({ severity }) => severity === "error").length;
    const warnings = issues.length - errors;
    const what = models.length === 1 ? (models[0]?.file ?? "") : `${models.length} manifests`;
    const details = { apiVersion: API_VERSION, errors, warnings };
    const fix = `\`npx modelport validate ${names}\` shows each with its fix`;
    if (errors > 0) {
      const beside = warnings === 0 ? "" : `, ${counted(warnings, "warning")}`;
      return { status: "failed", found: `${what}: ${counted(errors, "error")}${beside}`, fix, details };
    }
    if (warnings > 0)
      return { status: "warning", found: `${what}: ${counted(warnings, "warning")}`, fix, details };
    const kinds = [...new Set(models.flatMap((model) => model.kinds))].join(", ");
    return { status: "ok", found: `${what}: ${API_VERSION}, no problems for ${kinds}`, details };
  },
};

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The file that editors complete a manifest by, as `init` writes it. */
const SCHEMA_FILE = "modelport.schema.json";

/** Whether the JSON Schema in the project is the one that the installed version makes. */
export const schema: Check = {
  id: "schema",
  title: "Manifest schema",
  needs: ["manifest"],
  neededFor: ["completion and checks in editors"],
  run: (context) => {
    const file = join(context.cwd, SCHEMA_FILE);
    const fix = `\`${schemaCommand(context)}\``;
    if (!existsSync(file)) {
      const referred = context.project.models.some(({ file: of }) =>
        readFileSync(of, "utf8").includes(SCHEMA_FILE),
      );
      return referred
        ? { status: "warning", found: `the manifest refers to ${SCHEMA_FILE}, which is not there`, fix }
        : {
            status: "absent",
            found: `no ${SCHEMA_FILE}`,
            fix: `${fix}, and name it in the manifest's first line`,
          };
    }
    const written = readJson(file);
    if (isDataObject(written)) {
      const { $schema } = written;
      const draft: Draft = typeof $schema === "string" && $schema.includes("draft-07") ? "7" : "2020-12";
      // As JSON: what is undefined in memory is absent in the file.
      const made: unknown = JSON.parse(JSON.stringify(manifestJsonSchema(context.project.registry, draft)));
      if (isDeepStrictEqual(written, made))
        return { status: "ok", found: `${SCHEMA_FILE} fits this version` };
    }
    return { status: "warning", found: `${SCHEMA_FILE} is not the one of this version`, fix };
  },
};

function schemaCommand({ cwd }: DoctorContext): string {
  const own = readJson(join(cwd, "package.json"));
  const scripts = isDataObject(own) ? own.scripts : undefined;
  const has = isDataObject(scripts) && typeof scripts.schema === "string";
  return has ? "npm run schema" : `npx modelport schema --draft 7 > ${SCHEMA_FILE}`;
}
