import { name as cdktf, version as cdktfVersion } from "cdktf/package.json";
import { version as constructsVersion } from "constructs/package.json";
import { codeFingerprint } from "../../modules/synthesis/fingerprint";
import { version } from "../../package.json";

test("stacks are made anew by another modelport, cdktf or constructs, also one under another's name", () => {
  const [own, , , , ...writers] = codeFingerprint().split(" ");
  expect([own, ...writers]).toEqual([version, `${cdktf}@${cdktfVersion}`, `constructs@${constructsVersion}`]);
});
