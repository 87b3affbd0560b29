import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOfflineProviders } from "../modules/offline";
import { matches } from "../modules/policy/suppression";
import { CACHE, describeWithTerraform } from "./offline/support";
import {
  askCheckov,
  type CheckovResult,
  type CheckovSuppression,
  type Failure,
  findCheckov,
  REVIEW,
} from "./policy/checkov";

const checkov = findCheckov(process.env);

/** It reads some sixty stacks three times, on top of planning them. */
const TIMEOUT_MS = 10 * 60_000;

const covers = (row: CheckovSuppression, { check, component, address }: Failure): boolean =>
  row.check === check && row.targets.includes(component) && matches(row.address, address);

test("every suppression has a reason that says something", () => {
  for (const { check, reason } of [...REVIEW.suppressions, ...REVIEW.blind])
    expect({ check, words: reason.split(" ").length > 5 }).toEqual({ check, words: true });
});

(checkov === null ? describe.skip : describeWithTerraform)("checkov, on JSON, plans and pods", () => {
  let work: string;
  let result: CheckovResult;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "checkov-"));
    const session = await startOfflineProviders({ cacheDir: CACHE });
    try {
      result = await askCheckov(checkov ?? "", session, work);
    } finally {
      await session.dispose();
    }
  }, TIMEOUT_MS);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test("is the release that was reviewed, reads every stack, and crashes where it is known to", () => {
    const { version, unparsed, silent, crashed } = result;
    expect({ version, unparsed, silent, crashed }).toEqual({
      version: REVIEW.checkov,
      unparsed: [],
      silent: [],
      crashed: REVIEW.blind.map(({ check, view }) => `${check} ${view}`).sort(),
    });
  });

  test("finds nothing beyond the suppressions, and each of these is needed on each of its targets", () => {
    const unexpected = result.failures.filter(
      (failure) => !REVIEW.suppressions.some((row) => covers(row, failure)),
    );
    const unused = REVIEW.suppressions.flatMap((row) =>
      row.targets
        .filter(
          (target) => !result.failures.some((found) => found.component === target && covers(row, found)),
        )
        .map((target) => `${row.check} at ${row.address} on ${target}`),
    );
    expect({ unexpected, unused }).toEqual({ unexpected: [], unused: [] });
    process.stderr.write(
      `checkov ${result.version}: ${REVIEW.suppressions.length} suppressions cover ${result.failures.length} findings\n`,
    );
  });
});
