import type { CodeDescription } from "../issues/issue";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });
const warning = (summary: string): CodeDescription => ({ summary, severity: "warning" });

/** Codes of `import cloudformation`. Those of the manifests that it writes are the manifest's own. */
export const CODES = {
  IMPORT_UNREADABLE: error("The template does not exist, is no file, no UTF-8 text, or is too large."),
  IMPORT_SYNTAX: error(
    "The template is no well-formed YAML or JSON, has a key twice, or something that CloudFormation does not take either.",
  ),
  IMPORT_TOO_LARGE: error("The template has too many values, or they are nested too deeply."),
  IMPORT_PARAMETER: error(
    "`--parameter` names none of the template's parameters, or a value that it does not allow.",
  ),
  IMPORT_NO_ENDPOINT: error("The template has no SageMaker endpoint, or its condition is false."),
  IMPORT_NO_CONFIGURATION: error(
    "An endpoint's configuration, or its production variant, is not in the template.",
  ),
  IMPORT_TO_FILL: error("A value that the manifest needs cannot be had from the template alone."),
  IMPORT_TRANSFORM: warning("The template has macros, which are not run: what they would add is not seen."),
  IMPORT_EXISTS: error("A file that would be written exists already."),
  IMPORT_UNWRITABLE: error("A manifest cannot be written."),
} as const satisfies Record<string, CodeDescription>;

export type Code = keyof typeof CODES;
