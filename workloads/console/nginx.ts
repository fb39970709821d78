import { logNumber, logText, renderTemporaryPaths } from "../kit/nginx.ts";
import { HEALTH_PATH, LEAVING_FILE, paths, ports, seconds } from "./config.ts";

/** A web interface as nginx passes it on. */
export interface Passed {
  /** What it is called, for people. */
  readonly name: string;
  /** Name by which operators open it. */
  readonly host: string;
  /** Where it is in the cluster, also the name in its certificate. */
  readonly server: string;
  readonly port: number;
  /** Path of its first page, from `/` on. */
  readonly path: string;
}

/**
 * nginx.conf: each interface under its own host, asked over TLS with the console's certificate, and
 * believed by the authority's alone. Addresses are looked up once, at the start: a service keeps its
 * own as long as it lives.
 */
export function renderNginx(interfaces: readonly Passed[]): string {
  return `worker_processes 1;
daemon off;
pid /tmp/nginx.pid;
error_log stderr warn;
worker_shutdown_timeout ${seconds.finish}s;
events {
  worker_connections 1024;
}
http {
  server_tokens off;
  default_type "text/plain; charset=utf-8";
${renderLog()}
${renderTemporaryPaths()}
${renderClients()}
${renderProxy()}
${renderUnknown(interfaces)}
${interfaces.map(renderInterface).join("\n")}
${renderAdmin()}
}
`;
}

/** Who did what: queries stay out, for they may hold what nobody else should know. */
function renderLog(): string {
  const fields = [
    logText("time", "time_iso8601"),
    logText("operator", "http_x_amzn_oidc_identity"),
    logText("client", "person"),
    logText("host", "host"),
    logText("method", "request_method"),
    logText("path", "logged_path"),
    logNumber("status", "status"),
    logNumber("bytes", "body_bytes_sent"),
    logNumber("seconds", "request_time"),
  ];
  return `  map $request_uri $logged_path {
    "~^(?<path>[^?]{0,256})" $path;
  }
  # The load balancer adds the address that it sees; what was there before, anybody may have written.
  map $http_x_forwarded_for $person {
    "~(?<last>[0-9A-Fa-f.:]+)$" $last;
    default $remote_addr;
  }
  log_format console escape=json '{${fields.join(",")}}';
  access_log /dev/stdout console;`;
}

function renderClients(): string {
  return `  ssl_certificate ${paths.tls}/tls.crt;
  ssl_certificate_key ${paths.tls}/tls.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:1m;
  ssl_session_tickets off;
  client_max_body_size 16m;
  # Longer than the load balancer keeps a connection, so that none is closed while it is being used.
  keepalive_timeout 75s;`;
}

/**
 * What is said of the operator stays here: by the token of the login an interface could act for them
 * elsewhere. A header under these names that somebody made up goes no further either.
 */
function renderProxy(): string {
  return `  proxy_http_version 1.1;
  proxy_connect_timeout 3s;
  proxy_read_timeout ${seconds.answer}s;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  proxy_ssl_protocols TLSv1.2 TLSv1.3;
  proxy_ssl_certificate ${paths.tls}/tls.crt;
  proxy_ssl_certificate_key ${paths.tls}/tls.key;
  proxy_ssl_trusted_certificate ${paths.tls}/ca.crt;
  proxy_ssl_verify on;
  proxy_ssl_server_name on;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $person;
  proxy_set_header X-Forwarded-Host $host;
  proxy_set_header X-Forwarded-Port "";
  proxy_set_header X-Forwarded-Proto https;
  proxy_set_header X-Amzn-Oidc-Accesstoken "";
  proxy_set_header X-Amzn-Oidc-Data "";
  proxy_set_header X-Amzn-Oidc-Identity "";`;
}

/**
 * Whoever asks for no interface; the platform among them, by the node's address. It is told that a
 * pod is about to go while that serves on.
 */
function renderUnknown(interfaces: readonly Passed[]): string {
  const hosts = interfaces.map(({ host }) => host).join(", ");
  return `  server {
    listen ${ports.https} ssl default_server;
    server_name _;
    location = ${HEALTH_PATH} {
      access_log off;
      if (-f ${LEAVING_FILE}) { return 503 "leaving\\n"; }
      return 200 "ok\\n";
    }
    location / { return 404 "no such web interface; allowed: ${hosts}\\n"; }
  }`;
}

function renderInterface({ name, host, server, port, path }: Passed): string {
  const away = `${name} is not there, or is not who it should be`;
  const root = path === "/" ? "" : `\n    location = / { return 302 ${path}; }`;
  return `  server {
    listen ${ports.https} ssl;
    server_name ${host};
    error_page 502 = @away;
    error_page 504 = @silent;
    absolute_redirect off;${root}
    location / { proxy_pass https://${server}:${port}; }
    location @away { return 502 "${away}\\n"; }
    location @silent { return 504 "${name} has not answered within ${seconds.answer} s\\n"; }
  }`;
}

function renderAdmin(): string {
  return `  server {
    listen ${ports.admin};
    access_log off;
    location = /livez { return 200 "ok\\n"; }
    location / { return 404 "allowed: /livez\\n"; }
  }`;
}
