import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCase, synthesizeStacks } from "../../modules/conformance";
import { formatIssue } from "../../modules/issues/issue";
import type { Data } from "../../modules/manifest/data";
import { targets } from "../../targets";
import { resolve } from "../support/synth";
import { CHANGES, WITHOUT_TRACE } from "./changes";
import { leafFields } from "./leaves";
import { BASE, type Manifest, sides, writeServers } from "./sides";

const LEAVES = leafFields(targets);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "manifest-fields-"));
  writeServers(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The stacks' texts, or the errors that stand in their way. */
function output(manifest: Manifest, target: string): string {
  const resolution = resolveCase({
    registry: targets,
    target,
    environment: null,
    manifest: { data: manifest as Data, directory },
  });
  const errors = resolution.issues.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(formatIssue).join("\n"));
  return synthesizeStacks(resolution)
    .stacks.map(({ name, text }) => `${name}\n${text}`)
    .join("\n");
}

test("every field of the schema has a change here, or a reason why it shows nowhere", () => {
  const listed = [...Object.keys(CHANGES), ...Object.keys(WITHOUT_TRACE)];
  expect(LEAVES.filter((leaf) => !listed.includes(leaf))).toEqual([]);
  expect(listed.filter((field) => !LEAVES.includes(field))).toEqual([]);
  expect(listed).toHaveLength(new Set(listed).size);
});

describe.each(Object.entries(CHANGES))("%s", (field, changes) => {
  const cases = [changes].flat().flatMap((change) => change.on.map((target) => [target, change] as const));
  test.each(cases)("changes what is written for %s", (target, change) => {
    const { before, after } = sides(field, change);
    expect({ field, shows: output(after, target) !== output(before, target) }).toEqual({
      field,
      shows: true,
    });
  });
});

test("target chooses what is written", () => {
  const kinds = targets.map(({ kind }) => kind);
  const chosen = kinds.map((kind) =>
    resolve({ manifest: { ...BASE, target: kind } }).deployments.map((deployment) => deployment.kind),
  );
  expect(chosen).toEqual(kinds.map((kind) => [kind]));
});

test("an environment lays over the other fields", () => {
  const manifest = { ...BASE, environments: { prod: { resources: { cpu: 3 } } } };
  const plan = (env?: string) =>
    resolve({ manifest, target: "lambda", ...(env === undefined ? {} : { env }) }).plan;
  expect([plan()?.resources.cpu, plan("prod")?.resources.cpu]).toEqual([2, 3]);
});
