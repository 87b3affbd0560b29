import type { CheckResult } from "../../modules/doctor/doctor";
import { checksText, summary } from "../../modules/doctor/text";

const result = (changes: Partial<CheckResult>): CheckResult => ({
  id: "terraform",
  title: "Terraform",
  status: "ok",
  found: "well",
  needs: [],
  neededFor: ["cdktf diff", "cdktf deploy"],
  ...changes,
});

const plain = (_status: string, text: string) => text;

test("each status has its mark; what is not well says what depends on it and how to mend it", () => {
  const text = checksText(
    [
      result({ title: "Node" }),
      result({ status: "warning", found: "old", fix: "renew it" }),
      result({ title: "Docker", status: "failed", found: "gone", fix: "bring it" }),
      result({ title: "npm", status: "absent", found: "none here", fix: "make one" }),
      result({ title: "State", status: "not-needed", found: "nobody asks" }),
      result({ title: "Bucket", status: "skipped", found: "skipped, because it needs: State" }),
    ],
    80,
    plain,
  );
  expect(text.split("\n")).toEqual([
    "✓ Node       well",
    "! Terraform  old",
    "             needed for: cdktf diff, cdktf deploy",
    "             fix: renew it",
    "✗ Docker     gone",
    "             needed for: cdktf diff, cdktf deploy",
    "             fix: bring it",
    "- npm        none here",
    "             fix: make one",
    "- State      nobody asks",
    "- Bucket     skipped, because it needs: State",
  ]);
});

test("fits the width, and keeps a word that does not whole", () => {
  const long = `arn:aws:sts::222222222222:assumed-role/${"r".repeat(64)}/jane`;
  const text = checksText(
    [result({ status: "failed", found: `as ${long} ${"and more ".repeat(30)}` })],
    80,
    plain,
  );
  const lines = text.split("\n");
  expect(lines.filter((line) => line.length > 80).map((line) => line.trim())).toEqual([long]);
  expect(lines.slice(1).every((line) => line.startsWith(" ".repeat(13)))).toBe(true);
});

test("text of files and programs cannot steer the terminal", () => {
  expect(checksText([result({ found: "a\u001b[31mb\nc\u202ed" })], 80, plain)).toBe(
    "✓ Terraform  a?[31mb?c?d",
  );
});

test("the summary counts, and leaves out what there is none of", () => {
  expect(summary([result({})])).toBe("1 ok");
  const all = (["ok", "warning", "warning", "failed", "absent", "not-needed", "skipped"] as const).map(
    (status) => result({ status }),
  );
  expect(summary(all)).toBe("1 ok, 2 warnings, 1 failed, 1 absent, 1 not needed, 1 skipped");
});
