import type { Check, Outcome } from "../../modules/doctor/check";
import { checks } from "../../modules/doctor/checks";
import { runChecks } from "../../modules/doctor/doctor";
import { contextOf, Folder } from "./support";

let folder: Folder;
beforeEach(() => (folder = new Folder()));
afterEach(() => folder.remove());

const GOOD: Outcome = { status: "ok", found: "well" };

function check(id: string, needs: readonly string[], run: Check["run"] = () => GOOD): Check {
  return { id, title: id.toUpperCase(), needs, neededFor: ["work"], run };
}

const results = async (list: readonly Check[], env = {}) => runChecks(list, contextOf(folder, { env }), 300);

test("ids are unique, each check names what depends on it, and needs stand before it", () => {
  const ids = checks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [index, { needs, neededFor }] of checks.entries()) {
    expect(neededFor).not.toEqual([]);
    expect(ids.slice(0, index)).toEqual(expect.arrayContaining([...needs]));
  }
});

test("the ids are the public ones", () => {
  expect(checks.map(({ id }) => id)).toEqual([
    "node",
    "npm",
    "terraform",
    "docker",
    "docker-engine",
    "buildx",
    "project",
    "lock",
    "packages",
    "manifest",
    "schema",
    "price-book",
    "credentials",
    "account",
    "region",
    "state",
    "state-bucket",
  ]);
});

test("independent checks run at once, and the results keep the order of the list", async () => {
  let release: (outcome: Outcome) => void = () => undefined;
  const first = check("first", [], () => new Promise((resolve) => (release = resolve)));
  const second = check("second", [], () => {
    release({ status: "ok", found: "released by the second" });
    return GOOD;
  });
  const done = await results([first, second]);
  expect(done.map(({ id, found }) => [id, found])).toEqual([
    ["first", "released by the second"],
    ["second", "well"],
  ]);
});

test.each(["failed", "absent"] as const)(
  "what needs a check that is %s is skipped, and says why",
  async (status) => {
    const ran: string[] = [];
    const note = (id: string) => () => {
      ran.push(id);
      return GOOD;
    };
    const done = await results([
      check("a", [], () => ({ status, found: "gone", fix: "bring it" })),
      check("b", ["a"], note("b")),
      check("c", ["b"], note("c")),
      check("d", [], note("d")),
    ]);
    expect(ran).toEqual(["d"]);
    expect(done[0]).toEqual({
      id: "a",
      title: "A",
      status,
      found: "gone",
      fix: "bring it",
      needs: [],
      neededFor: ["work"],
    });
    expect(done[1]).toEqual({
      id: "b",
      title: "B",
      status: "skipped",
      found: "skipped, because it needs: A",
      blockedBy: ["a"],
      needs: ["a"],
      neededFor: ["work"],
    });
    expect(done[2]).toMatchObject({ status: "skipped", blockedBy: ["b"] });
    expect(done[3]).toMatchObject({ status: "ok" });
  },
);

test("a warning stands in nobody's way; what is not needed is not needed further on", async () => {
  const done = await results([
    check("a", [], () => ({ status: "warning", found: "so so" })),
    check("b", ["a"]),
    check("c", [], () => ({ status: "not-needed", found: "nobody asks" })),
    check("d", ["c"]),
  ]);
  expect(done.map(({ status }) => status)).toEqual(["warning", "ok", "not-needed", "not-needed"]);
  expect(done[3]?.found).toBe("not needed, as little as: C");
});

test("a check that never ends fails at its deadline", async () => {
  const [done] = await results([check("a", [], () => new Promise(() => undefined))]);
  expect(done).toMatchObject({ status: "failed", found: "not done after 0 s" });
});

test("a need that does not stand before is a bug, said at once", async () => {
  await expect(results([check("a", ["b"]), check("b", [])])).rejects.toThrow(
    "a needs b, which does not stand before it",
  );
});

test("an error of a check is a bug, and not swallowed", async () => {
  const broken = check("a", [], () => {
    throw new TypeError("boom");
  });
  await expect(results([broken])).rejects.toThrow("boom");
});

test("a secret of the environment that a check lets through is covered", async () => {
  const secret = "s3cr3t/value+of/the=key";
  const leak = check("a", [], () => ({
    status: "failed",
    found: `refused ${secret}`,
    fix: `echo ${secret}`,
    details: { said: `<${secret}>`, count: 3 },
  }));
  const [done] = await results([leak], { AWS_SECRET_ACCESS_KEY: secret });
  expect(done).toMatchObject({ found: "refused ***", fix: "echo ***", details: { said: "<***>", count: 3 } });
});
