import assert from "node:assert/strict";
import { seconds } from "../../../workloads/console/config.ts";
import { type Passed, renderNginx } from "../../../workloads/console/nginx.ts";

const consul: Passed = {
  name: "consul",
  host: "consul.yourcom.example",
  server: "consul.consul.svc",
  port: 8501,
  path: "/ui/",
};
const root: Passed = { ...consul, name: "root", host: "root.yourcom.example", path: "/" };

describe("nginx.conf of the console", () => {
  const lines = renderNginx([consul, root])
    .split("\n")
    .map((line) => line.trim());
  const times = (line: string) => lines.filter((one) => one === line).length;

  const once = [
    "daemon off;",
    "pid /tmp/nginx.pid;",
    "server_tokens off;",
    "ssl_protocols TLSv1.2 TLSv1.3;",
    "ssl_session_tickets off;",
    "proxy_ssl_verify on;",
    "proxy_ssl_trusted_certificate /etc/console/tls/ca.crt;",
    "proxy_ssl_certificate /etc/console/tls/tls.crt;",
    "listen 9443 ssl default_server;",
    "listen 9090;",
    "proxy_temp_path /tmp/proxy;",
    "location = / { return 302 /ui/; }",
    'if (-f /tmp/leaving) { return 503 "leaving\\n"; }',
    "server_name consul.yourcom.example;",
    "server_name root.yourcom.example;",
  ];
  for (const line of once) {
    it(`has the line ${line}`, () => assert.equal(times(line), 1));
  }

  it("asks each interface under the name that its certificate must have", () => {
    assert.equal(times("location / { proxy_pass https://consul.consul.svc:8501; }"), 2);
    assert.equal(lines.join().includes("proxy_ssl_name "), false);
  });

  it("adds no header in a server of its own, where those of all would be forgotten", () => {
    const servers = lines.slice(lines.indexOf("server {"));
    assert.equal(servers.filter((line) => line.startsWith("proxy_set_header")).length, 0);
  });

  it("logs no query, no token and no address that anybody may have written", () => {
    const format = lines.find((line) => line.startsWith("log_format")) ?? "";
    assert.deepEqual(format.match(/\$\w+/g), [
      "$time_iso8601",
      "$http_x_amzn_oidc_identity",
      "$person",
      "$host",
      "$request_method",
      "$logged_path",
      "$status",
      "$body_bytes_sent",
      "$request_time",
    ]);
  });
});

describe("times of the console", () => {
  it("have it give up before the load balancer, which keeps a silent connection for 60 s", () => {
    assert.ok(seconds.answer < 60);
  });
});
