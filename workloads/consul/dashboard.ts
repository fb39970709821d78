import { type Dashboard, dashboard, graph, number, promql } from "../kit/dashboard.ts";
import { costs } from "../kit/dashboardPanels.ts";

/** Whether the servers have a leader, and what they and the agents of the nodes are asked. */
export const consulDashboard: Dashboard = dashboard({
  folder: "Consul",
  uid: "consul",
  title: "Consul",
  rows: {
    "Is there a majority?": [
      number({
        title: "Leaders",
        description: "Servers that say they lead: one. None: nobody can register or log in.",
        unit: "count",
        limits: { worse: "below", bad: 1 },
        queries: [promql('sum(consul_server_isLeader{job="consul"})')],
      }),
      number({
        title: "Servers that may be lost",
        description: "As the leader counts them; at 0 the next one takes the majority along.",
        unit: "count",
        limits: { worse: "below", bad: 1 },
        // The leader alone sets it: others show what they began with.
        queries: [promql("max(consul_autopilot_failure_tolerance)")],
      }),
      number({
        title: "Servers and agents",
        description: "Members that find each other by gossip: the servers, and one agent a node.",
        unit: "count",
        queries: [
          promql('max(consul_members_servers{datacenter!=""})', "servers"),
          promql('max(consul_members_clients{datacenter!=""})', "agents"),
        ],
      }),
      number({
        title: "Certificate ends in",
        description: "Of the first that ends; a new one is made 30 days before.",
        unit: "timeLeft",
        limits: { worse: "below", worrying: 30 * 86_400, bad: 7 * 86_400 },
        queries: [promql("min(consul_agent_tls_cert_expiry)")],
      }),
    ],
    "Do the servers agree soon?": [
      graph({
        title: "Time to commit",
        description: "Mean time until a majority has written a change.",
        unit: "milliseconds",
        limits: { worse: "above", worrying: 100, bad: 500 },
        queries: [
          promql(
            "rate(consul_raft_commitTime_sum[$__rate_interval])" +
              " / rate(consul_raft_commitTime_count[$__rate_interval])",
            "{{pod}}",
          ),
        ],
      }),
      graph({
        title: "Last word of the leader",
        description: "Mean time since followers heard of it; after 1 s or so they elect another.",
        unit: "milliseconds",
        limits: { worse: "above", worrying: 200, bad: 500 },
        queries: [
          promql(
            "rate(consul_raft_leader_lastContact_sum[$__rate_interval])" +
              " / rate(consul_raft_leader_lastContact_count[$__rate_interval])",
            "{{pod}}",
          ),
        ],
      }),
      graph({
        title: "Changes",
        description: "Changes that the leader puts to the others.",
        unit: "perSecond",
        queries: [promql("sum by (pod) (rate(consul_raft_apply[$__rate_interval]))", "{{pod}}")],
      }),
      graph({
        title: "Behind the leader",
        description: "Changes that a server has in its log but not in its state.",
        unit: "count",
        queries: [promql("consul_raft_last_index - consul_raft_applied_index", "{{pod}}")],
      }),
    ],
    "What is it asked?": [
      graph({
        title: "Requests to the servers",
        description: "Of agents to servers; those that waited for a change are not in it.",
        unit: "requestsPerSecond",
        queries: [
          promql(
            'sum by (pod) (rate(consul_rpc_request{job="consul"}[$__rate_interval]))',
            "{{pod}}",
          ),
        ],
      }),
      graph({
        title: "Requests that failed",
        description: "Servers that answered with an error, agents that reached no server.",
        unit: "requestsPerSecond",
        queries: [
          promql("sum(rate(consul_rpc_request_error[$__rate_interval]))", "servers"),
          promql("sum(rate(consul_client_rpc_failed[$__rate_interval]))", "agents"),
        ],
      }),
      graph({
        title: "Services and instances",
        description: "What is registered: services, their instances, and nodes.",
        unit: "count",
        queries: [
          promql('max(consul_state_services{datacenter!=""})', "services"),
          promql('max(consul_state_service_instances{datacenter!=""})', "instances"),
          promql('max(consul_state_nodes{datacenter!=""})', "nodes"),
        ],
      }),
      graph({
        title: "Registrations refused",
        description: "By the access list: somebody registers what it has no right to.",
        unit: "perSecond",
        queries: [
          promql(
            "sum(rate(consul_acl_blocked_service_registration[$__rate_interval]))",
            "services",
          ),
          promql("sum(rate(consul_acl_blocked_check_registration[$__rate_interval]))", "checks"),
        ],
      }),
    ],
    "What does it cost?": [
      ...costs("consul"),
      graph({
        title: "Goroutines",
        description: "Each client that waits for a change holds some; without end it is a leak.",
        unit: "count",
        queries: [promql("consul_runtime_num_goroutines", "{{pod}}")],
      }),
    ],
  },
});
