import { issuesMarkdown, MOST_COMMENT_CHARACTERS, planMarkdown } from "../../modules/changes/markdown";
import type { Issue } from "../../modules/issues/issue";
import { planned, report, stackPlan } from "./support";

const update = planned("aws_iam_role.role", ["update"], { before: { path: "/" }, after: { path: "/ml/" } });
const key = planned("aws_kms_key.key", ["delete"]);

/** The code blocks of a markdown text, as a renderer finds them: a fence ends with one at least as long. */
function blocks(markdown: string): readonly string[] {
  const found: string[] = [];
  let open: { readonly marks: number; readonly lines: string[] } | null = null;
  for (const line of markdown.split("\n")) {
    const marks = /^(`{3,})(text)?$/.exec(line)?.[1]?.length ?? 0;
    if (open === null) {
      if (marks > 0) open = { marks, lines: [] };
    } else if (marks >= open.marks) {
      found.push(open.lines.join("\n"));
      open = null;
    } else open.lines.push(line);
  }
  expect(open).toBeNull();
  return found;
}

describe("planMarkdown", () => {
  test("a summary, with Terraform's own plan collapsed below it", () => {
    const text = planMarkdown(
      report([stackPlan([update], { text: "  ~ resource" }), stackPlan([], { stack: "quiet" })], {
        base: { name: "main", commit: "0123456789abcdef" },
      }),
    );
    expect(text).toBe(`### Terraform plan: changes

Compared with \`main\` (0123456789ab).

| stack | create | update | replace | destroy | |
|---|--:|--:|--:|--:|---|
| \`fraud-prod-lambda\` | 0 | 1 | 0 | 0 | 1 to update in place |

1 stack without changes

<sub>offline: it cannot know what is deployed, what providers fill in by default, nor what only they refuse; made by Terraform 1.11.4</sub>

<details><summary><code>fraud-prod-lambda</code> 1 to update in place</summary>

\`\`\`text
  ~ resource
\`\`\`
</details>`);
  });

  test("what the guard stops is said above everything that is collapsed", () => {
    const text = planMarkdown(report([stackPlan([key, update])]));
    expect(text).toMatch(/^### Terraform plan: stopped by the guard\n/);
    const warning = text.indexOf("> [!WARNING]");
    expect(warning).toBeGreaterThan(0);
    expect(warning).toBeLessThan(text.indexOf("<details>"));
    expect(text).toContain("`--allow fraud-prod-lambda/aws_kms_key.key`");
  });

  test.each([
    ["one huge plan", [3_000_000]],
    ["one huge plan among small ones", [10, 20, 2_000_000]],
    ["many large plans", Array.from({ length: 60 }, () => 50_000)],
    ["more stacks than a table can hold", Array.from({ length: 3000 }, () => 300)],
  ])("%s fits into a comment", (_what, sizes) => {
    const stacks = sizes.map((size, index) =>
      stackPlan([update], {
        stack: `stack-${index}`,
        text: "a line of a plan\n".repeat(Math.ceil(size / 17)),
      }),
    );
    const text = planMarkdown(report(stacks));
    expect(text.length).toBeLessThanOrEqual(MOST_COMMENT_CHARACTERS - 1024);
    expect(text.split("<details>")).toHaveLength(text.split("</details>").length);
    blocks(text);
    if (sizes.length <= 60) expect(text).toMatch(/\.\.\. \d+ more lines/);
  });

  test("small plans are whole beside a huge one", () => {
    const stacks = [
      stackPlan([update], { stack: "huge", text: "x\n".repeat(500_000) }),
      stackPlan([update], { stack: "small", text: "all of it\nto the end" }),
    ];
    expect(blocks(planMarkdown(report(stacks)))).toContain("all of it\nto the end");
  });

  test("text of a plan cannot leave its block, nor names theirs", () => {
    const nasty = "```\n</details>\n@everyone <img src=x>\n````";
    const text = planMarkdown(
      report([stackPlan([update], { text: nasty })], {
        base: { name: "a`b @team <img>", commit: null },
        notes: ["`@team` ``<script>``"],
      }),
    );
    expect(blocks(text)).toEqual([nasty]);
    expect(text).toContain("Compared with `` a`b @team <img> ``.");
    expect(text).toContain("Note: ``` `@team` ``<script>`` ```");
  });

  test("a stack without a plan says why", () => {
    const text = planMarkdown(report([stackPlan([], { error: "Error: no such type" })]));
    expect(text).toMatch(/^### Terraform plan: failed\n/);
    expect(blocks(text)).toEqual(["Error: no such type"]);
  });
});

test("manifests at fault are a comment too, of bounded size", () => {
  const issue: Issue = {
    file: "modelport.yaml",
    line: 1,
    column: 1,
    path: "name",
    code: "FORMAT",
    severity: "error",
    message: "``` @everyone",
  };
  expect(issuesMarkdown([issue])).toBe(
    "### Terraform plan: none, the manifests have 1 error\n\n````text\nerror: modelport.yaml:1:1 name: ``` @everyone [FORMAT]\n````",
  );
  expect(issuesMarkdown(Array.from({ length: 5000 }, () => issue)).length).toBeLessThanOrEqual(
    MOST_COMMENT_CHARACTERS - 1024,
  );
});
