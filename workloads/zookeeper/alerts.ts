import type { AlertRule } from "../kit/monitor.ts";

/**
 * What people have to know of ZooKeeper. Its metrics have no prefix, so that each is asked for by its
 * job; how many follow is known to the leader alone.
 */
export const alerts: readonly AlertRule[] = [
  {
    name: "ZooKeeperNoQuorum",
    expr: '(sum(leader_uptime{job="zookeeper"} > bool 0) or vector(0)) == 0',
    forSeconds: 60,
    severity: "critical",
    summary: "ZooKeeper has no leader: Kafka can change no leader of a partition and no topic",
  },
  {
    name: "ZooKeeperQuorumAtRisk",
    expr: 'max(synced_followers{job="zookeeper"}) + 1 < max(quorum_size{job="zookeeper"})',
    forSeconds: 120,
    severity: "warning",
    summary: "Only {{ $value }} of ZooKeeper's servers are in sync",
  },
];
