import { ManifestError } from "../../modules/issues/issue";
import { foreignTexts } from "../../modules/stack/model-stack";
import { assertOwnExpressions } from "../../modules/stack/expressions";

const OWN = {
  resource: { aws_kms_key: { key: { description: "x" } } },
  data: { terraform_remote_state: { foundation: { backend: "local" } } },
  variable: { image_digest: { type: "string" } },
  locals: { account_id: "x" },
};

const AT = { file: "m.yaml", line: 4, column: 9, path: "description" };

const check = (text: string, foreign: readonly string[] = []) =>
  assertOwnExpressions(
    { ...OWN, output: { o: { value: text } } },
    foreign.map((given) => ({ text: given, at: AT })),
  );

describe("assertOwnExpressions takes", () => {
  test.each([
    "no expression",
    "a { brace }",
    "$ and % alone",
    "$${escaped}",
    "%%{escaped}",
    "$$${escaped}",
    '$${file("/etc/passwd")}',
    "${aws_kms_key.key.arn}",
    "${aws_kms_key.key.multi[0].name}",
    '${aws_kms_key.key.map["a"]}',
    "${data.terraform_remote_state.foundation.outputs.key_arn}",
    "${var.image_digest}",
    "${local.account_id}",
    "before ${aws_kms_key.key.arn} between ${local.account_id} after",
    '${element(split(":", aws_kms_key.key.arn), 4)}',
    '${substr(sha256(join("", [local.account_id, "eu-west-1"])), 0, 8)}',
    '${length(var.image_digest) == 71 && substr(var.image_digest, 0, 7) == "sha256:"}',
    '${jsonencode({"a" = local.account_id, b = true})}',
    '${join("", ["inner ${local.account_id}"])}',
  ])("%s", (text) => {
    expect(() => check(text)).not.toThrow();
  });
});

describe("assertOwnExpressions refuses", () => {
  test.each([
    '${file("/etc/passwd")}',
    '${filebase64("/proc/self/environ")}',
    "${env.HOME}",
    "${path.cwd}",
    "${path.module}",
    "${terraform.workspace}",
    "${each.key}",
    "${self.id}",
    "${var.secret}",
    "${var.constructor}",
    "${local.other}",
    "${local.toString}",
    "${aws_kms_key.other.arn}",
    "${aws_iam_role.role.arn}",
    "${constructor.name.x}",
    "${data.aws_caller_identity.me.account_id}",
    "${module.x.y}",
    "${true ? path.cwd : local.account_id}",
    "${true ? local.account_id : path.cwd}",
    "${[for x in [1] : x]}",
    "%{ if true }x%{ endif }",
    "${unfinished",
    "${'single'}",
    "${`tick`}",
    "${local.account_id; file}",
    '${join("", ["${file("/etc/passwd")}"])}',
    '${templatefile("x", {})}',
    "${nonsensitive(var.image_digest)}",
    "$$$${var.secret}${var.secret}",
    "${base64encode(local.account_id)}",
    '${\nfile("/etc/passwd")}',
    "a\n${path.cwd}",
  ])("%s", (text) => {
    expect(() => check(text)).toThrow(ManifestError);
  });

  test("in keys, lists, and every section but the metadata", () => {
    const bad = '${file("/x")}';
    expect(() => assertOwnExpressions({ output: { [bad]: 1 } }, [])).toThrow(/FOREIGN_EXPRESSION/);
    expect(() => assertOwnExpressions({ provider: { aws: [{ tags: [bad] }] } }, [])).toThrow(
      /provider\.aws\[0\]\.tags\[0\]/,
    );
    expect(() => assertOwnExpressions({ terraform: { backend: { local: { path: bad } } } }, [])).toThrow(
      ManifestError,
    );
    expect(() => assertOwnExpressions({ "//": { comment: bad } }, [])).not.toThrow();
  });

  test("one of ours that the manifest spells out", () => {
    expect(() => check("${local.account_id}", ["see ${local.account_id}"])).toThrow(
      /the manifest spells out/,
    );
    expect(() => check("${local.account_id}", ["see ${local.account}"])).not.toThrow();
  });

  test("names the place in the manifest that spells it out", () => {
    try {
      check("${local.account_id}", ["no ${local.account}", "see ${local.account_id}"]);
      throw new Error("not refused");
    } catch (error) {
      expect((error as ManifestError).issues).toEqual([
        {
          ...AT,
          code: "FOREIGN_EXPRESSION",
          severity: "error",
          message:
            'an expression that the manifest spells out, and modelport in output.o.value: "${local.account_id}"',
          fix: "remove the template marker from the manifest",
        },
      ]);
    }
  });

  test("names the place and the expression", () => {
    try {
      check('x ${file("/x")}');
      throw new Error("not refused");
    } catch (error) {
      expect((error as ManifestError).issues).toEqual([
        {
          file: "manifest",
          line: 0,
          column: 0,
          path: "output.o.value",
          code: "FOREIGN_EXPRESSION",
          severity: "error",
          message: 'a call of file: "${file(\\"/x\\")}"',
          fix: "remove the template marker from the manifest",
        },
      ]);
    }
  });
});

test("foreignTexts finds texts and keys with markers at every depth, instances left out", () => {
  class Opaque {
    readonly text = "${hidden}";
  }
  const given = { a: "${x}", "%{k}": [{ b: "plain" }, "%{y}"], c: new Opaque(), d: null, e: 1 };
  const found = foreignTexts(given, (path) => ({ file: "m.yaml", line: path.length, column: 1 }));
  expect(found.map(({ text, at }) => [text, at?.path, at?.line])).toEqual([
    ["${x}", "a", 1],
    ["%{k}", "%{k}", 1],
    ["%{y}", "%{k}[1]", 2],
  ]);
  expect(foreignTexts(given, null).map(({ at }) => at)).toEqual([null, null, null]);
});
