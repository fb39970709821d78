import assert from "node:assert/strict";
import fc from "fast-check";
import { STOP_SECONDS, seconds } from "../../../workloads/edge/config.ts";
import { NO_INSTANCE, renderFirst, renderTemplate } from "../../../workloads/edge/nginx.ts";
import { fill } from "./fill.ts";

const linesOf = (text: string) => text.split("\n").map((line) => line.trim());

describe("nginx.conf", () => {
  const both = [linesOf(renderFirst()), linesOf(renderTemplate())];
  const table = [
    "daemon off;",
    "pid /tmp/nginx.pid;",
    "error_log stderr warn;",
    "error_log stderr crit;",
    "worker_shutdown_timeout 15s;",
    "server_tokens off;",
    'default_type "text/plain; charset=utf-8";',
    "ssl_certificate /etc/edge/tls/tls.crt;",
    "ssl_certificate_key /etc/edge/tls/tls.key;",
    "ssl_protocols TLSv1.2 TLSv1.3;",
    "keepalive_min_timeout 5s;",
    // The longest text of the API, every byte escaped, and 16 KiB for the rest.
    `large_client_header_buffers 2 ${(3 * 65_536 + 16_384) / 1024}k;`,
    "client_max_body_size 0;",
    "proxy_request_buffering off;",
    "proxy_http_version 1.1;",
    'proxy_set_header Connection "";',
    "proxy_set_header X-Request-Id $passed_id;",
    "proxy_set_header X-Forwarded-For $remote_addr;",
    "proxy_set_header X-Forwarded-Proto https;",
    "proxy_next_upstream error timeout;",
    "proxy_max_temp_file_size 0;",
    "listen 9443 ssl;",
    "listen 9090;",
    'location = /livez { return 200 "ok\\n"; }',
    "location = /status { stub_status; }",
    "client_body_temp_path /tmp/client_body;",
    "proxy_temp_path /tmp/proxy;",
  ];
  for (const line of table) {
    it(`has the line ${line}`, () => {
      for (const lines of both) {
        assert.equal(lines.filter((one) => one === line).length, 1);
      }
    });
  }

  it("begins with how many instances there are", () => {
    assert.deepEqual(
      both.map(([first]) => first),
      [NO_INSTANCE, '# instances: {{ len (service "api") }}'],
    );
  });

  it("is the same without instances as before any is known, but ready", () => {
    const said = (text: string) => linesOf(text).filter(Boolean);
    const ready = 'location = /readyz { return 200 "ok\\n"; }';
    const unready = 'location = /readyz { return 503 "Consul has not been asked yet\\n"; }';
    assert.equal(said(renderFirst()).filter((line) => line === unready).length, 1);
    const known = said(renderFirst()).map((line) => (line === unready ? ready : line));
    assert.deepEqual(said(fill([])), known);
  });

  it("has all instances and passes on to them, or none and answers 503", () => {
    const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 50 });
    const address = fc.ipV4();
    fc.assert(
      fc.property(ports, address, (all, host) => {
        const lines = linesOf(fill(all, host));
        assert.equal(lines[0], `# instances: ${all.length}`);
        assert.deepEqual(
          lines.filter((line) => line.startsWith("server ") && line !== "server {"),
          all.map((port) => `server ${host}:${port} max_fails=1 fail_timeout=2s;`),
        );
        assert.equal(lines.includes("upstream api {"), all.length > 0);
        assert.equal(lines.includes("proxy_pass http://api;"), all.length > 0);
        const unavailable = lines.filter((line) => line.startsWith("add_header Retry-After 1"));
        assert.equal(unavailable.length, all.length > 0 ? 1 : 2);
        assert.doesNotMatch(lines.join("\n"), /\{\{|\}\}/);
      }),
    );
  });

  it("logs no text, no query and no header but the request's id", () => {
    const format = both[0]?.find((line) => line.startsWith("log_format")) ?? "";
    assert.deepEqual(format.match(/\$\w+/g), [
      "$time_iso8601",
      "$remote_addr",
      "$request_method",
      "$logged_path",
      "$logged_status",
      "$body_bytes_sent",
      "$request_time",
      "$upstream_addr",
      "$upstream_response_time",
      "$passed_id",
    ]);
  });
});

describe("times of the edge", () => {
  it("let nginx drain and finish before the pod's time is over", () => {
    assert.ok(seconds.drain + seconds.finish < STOP_SECONDS);
    assert.ok(seconds.keep < seconds.finish);
  });

  it("take an API pod out before it stops to serve, 5 s after SIGTERM", () => {
    assert.ok(seconds.quiet < seconds.quietMost && seconds.quietMost < 5);
  });
});
