import { docker } from "../../../targets/docker";
import { issues } from "../../support/synth";
import { IMAGE, manifest } from "./support";

const codes = (options = {}, changes = {}) =>
  issues({ manifest: manifest(options, changes) }).map(({ code }) => code);

it.each(Object.keys(docker.codes))("%s has a manifest that provokes it and nothing else", (code) => {
  const found = issues({ file: `test/rejects/${code}.yaml`, target: "docker" });
  expect(found.map((issue) => [issue.code, issue.target])).toEqual([[code, "docker"]]);
});

it.each([
  ["port", 1, 65535, 0, 65536],
  ["shm", "1Mi", "1Ti", "1023Ki", "1025Gi"],
  ["tmp", "1Mi", "16Ti", "1023Ki", "17Ti"],
])("%s: from %s to %s", (name, low, high, below, above) => {
  for (const value of [low, high]) expect(codes({ [name]: value })).toEqual([]);
  for (const value of [below, above]) expect(codes({ [name]: value })).toEqual(["RANGE"]);
});

it.each([
  [{ host: "tcp://10.0.0.1:2375" }],
  [{ host: "ssh://me@host" }],
  [{ host: "unix:///a b" }],
  [{ user: "root;id" }],
  [{ user: "1000:" }],
  [{ capabilities: ["ALL"] }],
  [{ capabilities: ["SETUID"] }],
  [{ builder: "-x" }],
])("%o is not accepted", (options) => {
  expect(codes(options)).toEqual(["FORMAT"]);
});

it("counts memory in whole Mi, unless it sets no limit", () => {
  const resources = { resources: { cpu: 1, memory: "200000Ki" } };
  expect(codes({}, resources)).toEqual(["DOCKER_SIZE"]);
  expect(codes({ limits: false }, resources)).toEqual([]);
});

it.each([
  [{ scaling: { min: 0 } }, "SCALING_MINIMUM"],
  [{ model: { image: IMAGE, artifact: "s3://models/model.tar.gz" } }, "ARTIFACT_UNSUPPORTED"],
  [{ observability: { dataCapture: 5 } }, "DATA_CAPTURE_UNSUPPORTED"],
  [{ rollout: { strategy: "canary" } }, "ROLLOUT_UNSUPPORTED"],
])("%o cannot be had", (changes, code) => {
  expect(codes({}, changes)).toContain(code);
});
