import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Arbitrary, assert as check, nat, oneof, property, record } from "fast-check";
import { CODES } from "../../modules/issues/codes";
import { type Issue, ManifestError } from "../../modules/issues/issue";
import { loadManifestText } from "../../modules/manifest/load";
import { environmentNames } from "../../modules/manifest/overlay";
import { type Resolution, resolveManifest } from "../../modules/plan/resolve";
import { targets } from "../../targets";
import { exampleSeeds, fieldSeeds, type Seed, suiteSeeds } from "./corpus";
import { dependencies, exists, liveIn, liveParts, shape } from "./expressions";
import { WORD } from "./payloads";
import { applyText, TEXT_OPERATIONS, type TextEdit, textEdits } from "./raw-text";
import { documents } from "./synthesis";
import { apply, type Edit, edits, emit, OPERATIONS, treeOf } from "./tree";

/** Manifests of a run; more with MODELPORT_HOSTILE_RUNS, others with MODELPORT_HOSTILE_SEED. */
const RUNS = Number(process.env.MODELPORT_HOSTILE_RUNS ?? 10_000);
const SEED = Number(process.env.MODELPORT_HOSTILE_SEED ?? 20_261_123);

/** Of what resolves, this many of a target are synthesized for each kind of change: a synthesis takes as long as ten readings. */
const SAMPLE = 6;

/** Processor time that one manifest may take to be read and resolved, and again to be synthesized. */
const SECONDS = 2;

/** Changes that no manifest survives. */
const NEVER_SOUND = new Set<string>(["double", "merge"]);

const KINDS = targets.map(({ kind }) => kind);
const DOCUMENTED = new Set(
  [CODES, ...targets.map(({ codes }) => codes)].flatMap((codes) => Object.keys(codes)),
);

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Examples weigh as much as all the rest. */
const examples = exampleSeeds();
const rest = [...fieldSeeds(join(folder, "fields")), ...suiteSeeds(folder)];

interface Mutant {
  readonly example: boolean;
  readonly seed: number;
  readonly environment: number;
  readonly kind: number;
  readonly edits: readonly Edit[];
  readonly textEdits: readonly TextEdit[];
}

const common = { example: nat(1).map((bit) => bit === 0), seed: nat(), environment: nat(), kind: nat() };
const none = nat(0).map(() => []);
const mutants: Arbitrary<Mutant> = oneof(
  { weight: 3, arbitrary: record({ ...common, edits, textEdits: none }) },
  { weight: 2, arbitrary: record({ ...common, edits: none, textEdits }) },
);

function textOf(seed: Seed, mutant: Mutant): string {
  if (mutant.textEdits.length > 0) return mutant.textEdits.reduce(applyText, seed.text);
  return emit(mutant.edits.reduce(apply, treeOf(seed.data)));
}

const isError = ({ severity }: Issue) => severity === "error";

/** Processor time of a call, in seconds; the machine may be busy with something else. */
function seconds(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Words that a message has where its author forgot what a value may be. */
const FORGOTTEN = /\bundefined\b|\[object |\bNaN\b|\bfunction\b|=>/;

/** What is wrong with an issue, whatever the manifest. */
function complaints(issue: Issue, text: string): readonly string[] {
  const { file, line, column, code, message, allowed = "", fix = "", path } = issue;
  const lines = text.split(/\r\n|[\r\n]/);
  const said = [message, allowed, fix].join("\n");
  // What the manifest says is repeated in quotes, but for numbers.
  const own = code === "NUMBER_RANGE" ? "" : said.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return [
    ...(file === "modelport.yaml" ? [] : [`file ${file}`]),
    ...(Number.isInteger(line) && line >= 1 && line <= lines.length
      ? []
      : [`line ${line} of ${lines.length}`]),
    ...(Number.isInteger(column) && column >= 1 && column <= text.length + 1 ? [] : [`column ${column}`]),
    ...(DOCUMENTED.has(code) ? [] : [`code ${code}`]),
    ...(message.length > 2 ? [] : ["no message"]),
    ...(said.length < 4_000 ? [] : [`${said.length} characters`]),
    ...(FORGOTTEN.test(own) && !FORGOTTEN.test(text) ? [`words: ${own}`] : []),
    ...(said.isWellFormed() && path.isWellFormed() ? [] : ["half a character"]),
  ].map((complaint) => `${code} ${path}: ${complaint}`);
}

/** The targets that can carry a manifest as it is. */
const sound = new Map<Seed, readonly string[]>();

/** Shapes of the expressions that sound manifests lead to. */
const ownShapes = new Set<string>();

function shapesOf(resolution: Resolution): void {
  for (const document of Object.values(documents(resolution))) {
    for (const { expression } of liveParts(document)) ownShapes.add(shape(expression ?? ""));
  }
}

/** What is wrong with the stacks of a manifest. */
function leaks(document: object): readonly string[] {
  return [
    ...liveParts(document).flatMap(({ path, text, expression }) => {
      if (expression === null) return [`${path}: a directive, or an expression without an end: ${text}`];
      if (expression.includes(WORD)) return [`${path}: evaluates the manifest's ${expression}`];
      return ownShapes.has(shape(expression))
        ? []
        : [`${path}: no sound manifest leads to ${shape(expression)}`];
    }),
    ...dependencies(document)
      .filter((address) => !exists(document, address))
      .map((address) => `depends on ${address}, which is not there`),
  ];
}

beforeAll(() => {
  for (const seed of [...examples, ...rest]) {
    const loaded = loadManifestText(seed.text, "modelport.yaml", seed.directory);
    for (const environment of seed.environments) {
      for (const kind of seed.kinds) {
        const resolution = resolveManifest(loaded, { environment, targets: [kind], registry: targets });
        if (!resolution.issues.some(isError)) {
          shapesOf(resolution);
          sound.set(seed, [...new Set([...(sound.get(seed) ?? []), kind])]);
        }
      }
    }
  }
}, 300_000);

test("the oracle tells what Terraform evaluates from what it does not", () => {
  const found = (text: string) => liveIn(text).map(({ expression }) => expression);
  expect(found("a ${b} $${c} ${d.e}")).toEqual(["b", "d.e"]);
  expect(found('${f("}", "${g}")} ${h}')).toEqual(['f("}", "${g}")', "h"]);
  expect(found("%{ if x }y%{ endif } %%{ z }")).toEqual([null, null]);
  expect(found("${unfinished")).toEqual([null]);
  expect(found("$%{a} %${b} {c} ${")).toEqual([null, "b", null]);
  expect(shape('f("a${aws_x.one.arn}", data.aws_y.two.id[0], 12)')).toBe(
    'f("aws_x._.arn", data.aws_y._.id[0], 0)',
  );
  expect(ownShapes.size).toBeGreaterThan(80);
});

test(`${RUNS} manifests (seed ${SEED}): no crash, no hang, no expression, every rejection has a place`, () => {
  const counts = {
    resolved: 0,
    rejected: 0,
    synthesized: 0,
    refusedAtSynthesis: 0,
    escaped: 0,
    unchanged: 0,
  };
  const codes = new Set<string>();
  const accepted = new Map<string, number>();
  check(
    property(mutants, (mutant) => {
      const from = mutant.example ? examples : rest;
      const seed = from[mutant.seed % from.length];
      if (seed === undefined) throw new Error("no seed");
      const text = textOf(seed, mutant);
      if (text === seed.text || text === emit(treeOf(seed.data))) counts.unchanged += 1;
      const kinds = sound.get(seed) ?? seed.kinds;
      const kind = kinds[mutant.kind % kinds.length] ?? "lambda";
      const found: { strict?: Resolution; issues: readonly Issue[] } = { issues: [] };
      const took = seconds(() => {
        const loaded = loadManifestText(text, "modelport.yaml", seed.directory);
        const environments = [null, ...environmentNames(loaded.source)];
        const environment = environments[mutant.environment % environments.length] ?? null;
        const resolved = (kinds: readonly string[] | null) =>
          resolveManifest(loaded, { environment, targets: kinds, registry: targets });
        found.strict = resolved([kind]);
        found.issues = [
          ...found.strict.issues,
          // Every target's rules, and the choice of the manifest's own.
          ...resolved(["all"]).issues,
          ...resolved(null).issues,
        ];
      });
      expect(found.issues.flatMap((issue) => complaints(issue, text))).toEqual([]);
      expect(took).toBeLessThan(SECONDS);
      const { strict } = found;
      if (strict === undefined || strict.issues.some(isError)) {
        counts.rejected += 1;
        for (const { code } of strict?.issues.filter(isError) ?? []) codes.add(code);
        return;
      }
      counts.resolved += 1;
      const operation = mutant.edits[0]?.operation ?? mutant.textEdits[0]?.operation ?? "";
      const stratum = `${kind} ${operation}`;
      const before = accepted.get(stratum) ?? 0;
      accepted.set(stratum, before + 1);
      // Free texts are where expressions would come from.
      if (before >= (operation.startsWith("free") ? SAMPLE * 8 : SAMPLE)) return;
      let written: readonly object[] = [];
      const wrote = seconds(() => {
        try {
          written = Object.values(documents(strict));
          counts.synthesized += 1;
        } catch (error) {
          if (!(error instanceof ManifestError)) throw error;
          counts.refusedAtSynthesis += 1;
          for (const { code } of error.issues) codes.add(code);
          expect(error.issues.flatMap((issue) => complaints(issue, text))).toEqual([]);
        }
      });
      expect(wrote).toBeLessThan(SECONDS);
      expect(written.flatMap(leaks)).toEqual([]);
      if (written.some((document) => JSON.stringify(document).includes(WORD))) counts.escaped += 1;
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  // What makes the above worth something: many of both, of every target, for many reasons.
  const share = (count: number) => count / RUNS;
  expect(counts.resolved + counts.rejected).toBe(RUNS);
  expect(share(counts.resolved)).toBeGreaterThan(0.25);
  expect(share(counts.unchanged)).toBeLessThan(0.05);
  expect(share(counts.rejected)).toBeGreaterThan(0.3);
  expect(counts.synthesized).toBeGreaterThan(Math.min(1_000, RUNS / 20));
  expect(counts.escaped).toBeGreaterThan(Math.min(200, RUNS / 100));
  expect(codes.size).toBeGreaterThan(RUNS < 10_000 ? 15 : 40);
  if (RUNS >= 10_000) {
    const of = (part: (stratum: string) => boolean) =>
      [...accepted].reduce((sum, [stratum, count]) => sum + (part(stratum) ? count : 0), 0);
    for (const kind of KINDS)
      expect([kind, of((stratum) => stratum.startsWith(`${kind} `)) > 20]).toEqual([kind, true]);
    for (const operation of [...OPERATIONS, ...TEXT_OPERATIONS].filter((name) => !NEVER_SOUND.has(name)))
      expect([operation, of((stratum) => stratum.endsWith(` ${operation}`)) > 0]).toEqual([operation, true]);
  }
}, 900_000);
