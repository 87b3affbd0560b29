import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describeWith, runStep, WORKFLOW } from "./support";

const MARKER = "<!-- modelport plan of . -->";
const HEAD = "0123456789abcdef0123456789abcdef01234567";
const FOOT = "<sub>Commit 0123456789ab, [run](https://github.com/acme/models/actions/runs/42)</sub>";
const PLAN = "### Terraform plan: changes\n\nof something";

interface Comment {
  readonly id: number;
  readonly user: { readonly login: string } | null;
  readonly body: string | null;
}
interface State {
  readonly head: string;
  readonly comments: readonly Comment[];
  readonly requests: readonly string[];
}

const BOT = { login: "github-actions[bot]" };
const STRANGERS: readonly Comment[] = [
  { id: 1, user: { login: "mallory" }, body: `${MARKER}\nmine` },
  { id: 2, user: null, body: null },
  { id: 3, user: BOT, body: "of another workflow" },
  { id: 4, user: BOT, body: `said of ${MARKER}` },
  { id: 5, user: BOT, body: "<!-- modelport plan of other -->\nof another project" },
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "modelport-comment-"));
  mkdirSync(join(folder, "modelport"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const given = (plan: string | Buffer) => writeFileSync(join(folder, "modelport", "plan.md"), plan);

/** Runs the last step of the job, beside a GitHub that knows some comments. */
async function comment(
  comments: readonly Comment[],
  head = HEAD,
): Promise<State & { readonly said: string }> {
  const [download, step, ...more] = WORKFLOW.jobs.comment.steps;
  expect(download?.["continue-on-error"]).toBe(true);
  expect(more).toEqual([]);
  if (step === undefined) throw new Error("the job has no step that comments");
  const state = join(folder, "state.json");
  writeFileSync(state, JSON.stringify({ head, comments, requests: [] }));
  const { code, stdout, stderr } = await runStep(step, {
    cwd: folder,
    expressions: {
      "github.token": "token",
      "github.event.pull_request.number": "7",
      "github.event.pull_request.head.sha": HEAD,
    },
    env: {
      PATH: [join(__dirname, "gh"), process.env.PATH].join(delimiter),
      GH_STATE: state,
      RUNNER_TEMP: folder,
      GITHUB_REPOSITORY: "acme/models",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_RUN_ID: "42",
    },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return { ...(JSON.parse(readFileSync(state, "utf8")) as State), said: stdout };
}

const written = ({ requests }: State) => requests.filter((request) => !request.startsWith("GET "));
const added = ({ comments }: State) => comments.filter(({ id }) => id >= 1000).map(({ body }) => body);

describeWith("jq")("the comment", () => {
  test("is made once, and kept up to date from then on; nobody else's is touched", async () => {
    given(PLAN);
    const first = await comment(STRANGERS);
    expect(first.comments.slice(0, STRANGERS.length)).toEqual(STRANGERS);
    expect(added(first)).toEqual([`${MARKER}\n${PLAN}\n\n${FOOT}\n`]);

    given("### Terraform plan: no changes\n");
    const second = await comment([...first.comments, { id: 2000, user: { login: "mallory" }, body: MARKER }]);
    expect(written(second)).toEqual([`PATCH repos/acme/models/issues/comments/${1000 + STRANGERS.length}`]);
    expect(second.comments.slice(0, STRANGERS.length)).toEqual(STRANGERS);
    expect(added(second)).toEqual([`${MARKER}\n### Terraform plan: no changes\n\n\n${FOOT}\n`, MARKER]);
  });

  test("is left alone by a run whose commit is no longer the newest, which is asked last", async () => {
    given(PLAN);
    const own = { id: 1000, user: BOT, body: `${MARKER}\nof the newest commit` };
    const state = await comment([own], "f".repeat(40));
    expect(state.comments).toEqual([own]);
    expect(state.requests.at(-1)).toBe("GET repos/acme/models/pulls/7");
    expect(state.said).toBe(`There is a newer commit, ${"f".repeat(40)}; its own run comments.\n`);

    const current = await comment([own]);
    expect(current.requests.slice(-2)).toEqual([
      "GET repos/acme/models/pulls/7",
      "PATCH repos/acme/models/issues/comments/1000",
    ]);
  });

  test.each([
    ["letters", "x"],
    ["characters of four bytes", "\u{1F4A5}"],
  ])("of too many %s is cut, and says so above them", async (_what, character) => {
    given(character.repeat(70_000));
    const [body = ""] = added(await comment([]));
    expect(Array.from(body ?? "")).toHaveLength(65_536);
    expect(body).toMatch(
      /^<!-- modelport plan of \. -->\n> The rest is too long for a comment: see the \[run\]/,
    );
    expect(body?.endsWith(character.repeat(2))).toBe(true);
  });

  test("holds as much as GitHub takes", async () => {
    const text = "x".repeat(65_536 - `${MARKER}\n\n\n${FOOT}\n`.length);
    given(text);
    expect(added(await comment([]))).toEqual([`${MARKER}\n${text}\n\n${FOOT}\n`]);
  });

  test("takes the plan for text, whatever it says", async () => {
    const nasty = "$(touch pwned) `id` \\(1) %s \"' ${HEAD_SHA}\n<!-- modelport plan of other -->";
    given(nasty);
    expect(added(await comment([]))).toEqual([`${MARKER}\n${nasty}\n\n${FOOT}\n`]);
    given(Buffer.concat([Buffer.from("a"), Buffer.from([0xff, 0xfe]), Buffer.from("b")]));
    expect(added(await comment([]))).toEqual([`${MARKER}\na\ufffd\ufffdb\n\n${FOOT}\n`]);
  });

  test("names the label where the guard stops the plan", async () => {
    given("### Terraform plan: stopped by the guard\n");
    const [body] = added(await comment([]));
    expect(body).toContain("\n\nThe label `modelport:allow` allows all of it.\n\n<sub>");
  });

  test.each([
    ["there is no plan", () => undefined],
    ["the plan is empty", () => given("")],
    [
      "the plan is a link",
      () => {
        writeFileSync(join(folder, "secret"), "secret");
        symlinkSync(join(folder, "secret"), join(folder, "modelport", "plan.md"));
      },
    ],
  ])("says that the run failed where %s", async (_what, prepare) => {
    prepare();
    expect(added(await comment([{ id: 1000, user: BOT, body: `${MARKER}\nof an earlier commit` }]))).toEqual([
      `${MARKER}\n### Terraform plan: none, the run failed before there was one\n\n\n${FOOT}\n`,
    ]);
  });
});
