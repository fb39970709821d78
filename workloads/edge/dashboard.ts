import { type Dashboard, dashboard, graph, number, promql } from "../kit/dashboard.ts";
import { costs } from "../kit/dashboardPanels.ts";

/** Whether people get in, and whether there is somebody behind the door. */
export const edgeDashboard: Dashboard = dashboard({
  folder: "Edge",
  uid: "edge",
  title: "Edge",
  rows: {
    "Do people get in?": [
      number({
        title: "Pods of the edge",
        description: "nginx that answers its agent; with none nobody gets in.",
        unit: "count",
        limits: { worse: "below", worrying: 2, bad: 1 },
        queries: [promql("sum(nginx_up)")],
      }),
      number({
        title: "Instances behind it",
        description:
          "Of the API, as the pod that knows fewest has them from Consul; 0: all get 503.",
        unit: "count",
        limits: { worse: "below", bad: 1 },
        queries: [promql("min(edge_upstream_instances)")],
      }),
      number({
        title: "Requests",
        description: "Of everybody, probes of load balancers among them.",
        unit: "requestsPerSecond",
        queries: [promql("sum(rate(nginx_http_requests_total[$__rate_interval]))")],
      }),
      number({
        title: "Connections turned away",
        description: "Taken by the kernel but not served: nginx has no room for them.",
        unit: "perSecond",
        limits: { worse: "above", bad: 1 },
        queries: [
          promql(
            "sum(rate(nginx_connections_accepted_total[$__rate_interval])" +
              " - rate(nginx_connections_handled_total[$__rate_interval]))",
          ),
        ],
      }),
    ],
    "How busy is it?": [
      graph({
        title: "Requests by pod",
        description: "How requests spread over the pods.",
        unit: "requestsPerSecond",
        queries: [promql("rate(nginx_http_requests_total[$__rate_interval])", "{{pod}}")],
      }),
      graph({
        title: "Connections by what they are at",
        description: "Reading a request, writing an answer, or waiting for the next request.",
        unit: "count",
        queries: [promql("sum by (state) (nginx_connections)", "{{state}}")],
      }),
      graph({
        title: "New connections",
        description: "Each needs a handshake of TLS, which costs most of the CPU.",
        unit: "perSecond",
        queries: [promql("rate(nginx_connections_accepted_total[$__rate_interval])", "{{pod}}")],
      }),
      graph({
        title: "Instances that a pod knows",
        description: "They should be the same for all pods, and as many as the API has.",
        unit: "count",
        queries: [promql("edge_upstream_instances", "{{pod}}")],
      }),
    ],
    "What does it cost?": costs("edge"),
  },
});
