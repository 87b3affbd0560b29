import type { Candidate } from "../../../modules/compare/target-comparison";
import type { Workload } from "../../../modules/workload/workload";
import { always, monthOf, workload } from "../../support/month";
import { type Json, resolve } from "../../support/synth";
import { manifest } from "./support";

function sizes(changes: Json = {}, asked: Workload = workload()): readonly Candidate[] {
  const [deployment] = resolve({ manifest: manifest({}, changes) }).deployments;
  return deployment?.candidates({ workload: asked, scalingGiven: true }) ?? [];
}

test("there is one machine with one container, whatever scaling says", () => {
  const asked = workload({ concurrency: 4, serviceTime: always(20) });
  const [candidate, ...others] = sizes({ scaling: { min: 2, max: 8 } }, asked);
  expect(others).toEqual([]);
  expect(candidate?.sizing).toEqual({ containers: 1, vcpu: 2, memoryMiB: 4096, gpus: 0, limited: true });
  expect(candidate?.capacity).toMatchObject({
    kind: "replicas",
    slots: 4,
    serviceTime: always(20),
    overheadMs: 0,
    startupSeconds: 30,
    scaling: { min: 1, max: 1, policies: [], cpu: { perReplica: 2, perRequest: 0.5 } },
    patienceSeconds: null,
  });
});

test("nothing is billed, and that is said", () => {
  const [candidate] = sizes();
  expect(candidate?.bill(monthOf({ requests: 1e9, busySeconds: 1e8, bytesOut: 1e12 }))).toEqual([]);
  expect(candidate?.notes).toEqual([
    "Your own machine: nothing is billed, its purchase and power are not counted",
  ]);
});

test("there is none without a service time", () => {
  expect(sizes({}, workload({ serviceTime: null }))).toEqual([]);
});
