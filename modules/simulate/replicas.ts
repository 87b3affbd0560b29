import { serviceDistribution } from "../workload/service-time";
import type { Workload } from "../workload/workload";
import { Backlog } from "./backlog";
import type { ReplicaCapacity, Simulation } from "./capacity";
import { clockOf, type SimulateOptions } from "./clock";
import { Fleet } from "./fleet";
import { Random } from "./random";
import { Recorder } from "./recorder";
import { Station } from "./station";

/** Replicas behind one queue. */
export function simulateReplicas(
  capacity: ReplicaCapacity,
  workload: Workload,
  options: SimulateOptions,
): Simulation {
  const patience = capacity.patienceSeconds ?? Infinity;
  const clock = clockOf(workload, capacity.scaling, Infinity, options);
  const { load, step } = clock;
  const service = serviceDistribution(capacity.serviceTime);
  const random = new Random(clock.seed);
  const fleet = new Fleet(
    capacity.scaling,
    capacity.startupSeconds,
    clock,
    { slots: capacity.slots, scv: service.scv },
    random,
  );
  const stations = new Map<number, Station>();
  const stationOf = (replicas: number): Station => {
    let station = stations.get(replicas);
    if (station === undefined) {
      station = new Station(replicas * capacity.slots, capacity.serviceTime, patience);
      stations.set(replicas, station);
    }
    return station;
  };
  const recorder = new Recorder(
    Math.min(load.period < 86_400 ? 86_400 : load.period, clock.seconds),
    step,
    service,
    capacity.overheadMs / 1000,
    clock.chart,
  );
  const flush = (): void => {
    for (const station of stations.values()) station.flush(recorder.waits);
  };
  const backlog = new Backlog();
  const wakes = capacity.scaling.wakeSeconds !== undefined;
  // Requests of the time since the last replica went that wait for the one that wakes the first.
  let unseen = 0;
  let content = 0;
  let late = 0;
  let backlogAtStart = 0;
  let launchesAtStart = 0;
  let recording = false;
  const end = clock.seconds - 1e-6;
  for (let now = -clock.settle; now < end;) {
    const seconds = Math.min(step, clock.seconds - now);
    if (!recording && now > -1e-6) {
      recording = true;
      backlogAtStart = backlog.amount + unseen;
      launchesAtStart = fleet.launches;
    }
    fleet.begin(now);
    const { ready, total } = fleet;
    const rate = load.rate(now, now + seconds);
    const arrived = rate * seconds;
    let served = 0;
    let gaveUp: number;
    let busy = 0;
    let queued: number;
    if (ready <= 0) {
      // A fraction of a request wakes nothing. The first whole one comes at random, by when there is one on average; its
      // wait begins then.
      unseen += arrived;
      if (!wakes || total > 0 || backlog.amount > 0 || random.poisson(arrived) > 0) {
        backlog.arrive(now, now + seconds, unseen);
        unseen = 0;
      }
      gaveUp = backlog.giveUp(now + seconds - patience);
      queued = backlog.amount;
      content = 0;
    } else {
      backlog.arrive(now, now + seconds, unseen);
      unseen = 0;
      const station = stationOf(ready);
      const possible = station.servers / service.mean;
      if (backlog.amount <= 0 && rate <= possible) {
        content = station.advance(content, rate * (1 - late), seconds);
        late = station.late;
        gaveUp = arrived * late;
        served = arrived - gaveUp;
        if (recording) station.count(arrived);
        busy = Math.min(station.servers * station.utilization, station.servers);
        queued = Math.max(0, content - busy);
      } else {
        backlog.arrive(now, now + seconds, arrived);
        // As far from full as it would be below: the spread around a growing queue is that before a shrinking one.
        content = station.advance(content, Math.min(rate, (possible * possible) / rate), seconds);
        // Where nobody waits longer than a few requests take, servers find no one at times, however many come: as often as,
        // at the load that is as far below, someone gives up. So exactly for one server with room for so many to wait.
        const idle = rate > possible ? station.late : 0;
        late = 0;
        ({ served, gaveUp } = backlog.serve(
          now,
          seconds,
          possible * (1 - idle),
          patience,
          (from, to, amount) => {
            if (recording) addWaits(recorder, station, patience, from, to, amount);
          },
        ));
        busy = Math.min(station.servers, (served * service.mean) / seconds);
        queued = backlog.amount;
      }
    }
    now += seconds;
    if (recording) {
      recorder.timedOut += gaveUp;
      recorder.step(seconds, arrived, served, total, flush);
    }
    fleet.observe(now, seconds, { arrived, busy, present: busy + queued });
  }
  return {
    ...recorder.finish(service, flush),
    backlog: { start: backlogAtStart, end: backlog.amount + unseen },
    coldStarts: { requests: 0, fraction: 0, ms: 0 },
    launches: fleet.launches - launchesAtStart,
    busySeconds: recorder.served * service.mean,
    provisioned: { seconds: 0, busySeconds: 0 },
    onDemand: { busySeconds: 0, coldStartSeconds: 0, requests: 0 },
    batch: null,
  };
}

/** Adds waits that are spread evenly between two times, each with what chance adds to it. */
function addWaits(
  recorder: Recorder,
  station: Station,
  patience: number,
  from: number,
  to: number,
  amount: number,
): void {
  station.eachNode((wait, node, of) => {
    // By sevens, so that late arrivals do not meet the long waits in particular.
    const place = (((node * 7) % of) + 0.5) / of;
    recorder.waits.add(Math.min(patience, from + (to - from) * place + wait), amount / of);
  });
}
