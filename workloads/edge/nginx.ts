import { logNumber, logText, renderTemporaryPaths } from "../kit/nginx.ts";
import { names, paths, ports, seconds } from "./config.ts";

/** What a configuration of nginx differs by. */
interface Parts {
  /** How many instances there are. */
  readonly instances: string;
  /** The instances, as `upstream`. */
  readonly upstream: string;
  /** What becomes of a request. */
  readonly handling: string;
  /** Answer to the question whether it is ready. */
  readonly ready: string;
}

/** First line of a configuration without any instance; the start script looks for it. */
export const NO_INSTANCE = "# instances: 0";

/** Longest request line, and longest headers: those of the API, which itself refuses longer ones. */
const LONGEST_HEAD = "208k";

/** The API's own words, for what nginx refuses before the API is asked. */
const words = {
  notFound: "The requested resource was not found",
  notHttp: "The request is not HTTP",
  badEscape: "A % must be followed by two hexadecimal digits",
  tooLong: "The text is longer than 65536 bytes",
} as const;

const UNAVAILABLE =
  'add_header Retry-After 1 always; return 503 "No instance of the service is there";';

/**
 * nginx.conf before anything is known of the API: 503 for everything, and not ready, so that nobody
 * comes here as long as another pod knows more.
 */
export function renderFirst(): string {
  const ready = 'return 503 "Consul has not been asked yet\\n";';
  return render({ instances: "0", upstream: "", handling: UNAVAILABLE, ready });
}

/**
 * The template of nginx.conf as consul-template takes it: with the API's instances whose checks
 * pass; without any of them 503 for everything, which is then the honest answer.
 * https://github.com/hashicorp/consul-template/blob/main/docs/templating-language.md#service
 */
export function renderTemplate(): string {
  const found = `service "${names.upstream}"`;
  return render({
    instances: `{{ len (${found}) }}`,
    upstream: `{{ with ${found} }}${upstreamOf()}{{ end }}`,
    handling: `{{ with ${found} }}${PASS}{{ else }}${UNAVAILABLE}{{ end }}`,
    ready: 'return 200 "ok\\n";',
  });
}

const PASS = `proxy_pass http://${names.upstream};`;

function upstreamOf(): string {
  return `
  upstream ${names.upstream} {
    zone ${names.upstream} 256k;
{{- range . }}
    server {{ .Address }}:{{ .Port }} max_fails=1 fail_timeout=2s;
{{- end }}
    keepalive 64;
    # Less than the API's 75 s, so that it never closes a connection that is just being used.
    keepalive_timeout 60s;
    keepalive_requests 100000;
  }
`;
}

function render({ instances, upstream, handling, ready }: Parts): string {
  return `# instances: ${instances}
worker_processes 2;
daemon off;
pid /tmp/nginx.pid;
error_log stderr warn;
worker_shutdown_timeout ${seconds.finish}s;
events {
  worker_connections 4096;
}
http {
  server_tokens off;
  default_type "text/plain; charset=utf-8";
${renderLog()}
${renderMaps()}
${renderTemporaryPaths()}
${renderClients()}
${renderProxy()}
${upstream}
${renderEdge(handling)}
${renderAdmin(ready)}
}
`;
}

/** Texts are no one's business: of a request to publish one, the log has but where it went. */
function renderLog(): string {
  const fields = [
    logText("time", "time_iso8601"),
    logText("client", "remote_addr"),
    logText("method", "request_method"),
    logText("path", "logged_path"),
    logNumber("status", "logged_status"),
    logNumber("bytes", "body_bytes_sent"),
    logNumber("seconds", "request_time"),
    logText("upstream", "upstream_addr"),
    logText("upstreamSeconds", "upstream_response_time"),
    logText("requestId", "passed_id"),
  ];
  return `  log_format edge escape=json '{${fields.join(",")}}';
  # What is longer than a pipe takes at once may be mixed with what the other worker writes.
  access_log /dev/stdout edge buffer=4k flush=1s;`;
}

function renderMaps(): string {
  return `  map $request_uri $logged_path {
    ~^/api/publish/ /api/publish/;
    "~^(?<path>[^?]{0,256})" $path;
  }
  map $status $logged_status {
    "~^[1-9][0-9][0-9]$" $status;
    default null;
  }
  map $http_x_request_id $passed_id {
    "~^[A-Za-z0-9._-]{1,64}$" $http_x_request_id;
    default $request_id;
  }
  # A target that nginx cannot read is not in $request_uri.
  map "$request_uri|$request" $fault {
    "~^\\|POST /api/publish/[^? ]*%(?![0-9A-Fa-f][0-9A-Fa-f])" bad-escape;
    "~^\\|POST /api/publish/" not-passed;
    "~^\\|[A-Z]+ /[^ ]* HTTP/1\\.[01]$" not-found;
    default not-http;
  }
  map $upstream_bytes_sent $was_sent {
    "~[1-9]" yes;
    default no;
  }`;
}

function renderClients(): string {
  return `  ssl_certificate ${paths.tls}/tls.crt;
  ssl_certificate_key ${paths.tls}/tls.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:2m;
  ssl_session_tickets off;
  client_header_timeout 15s;
  client_body_timeout 30s;
  send_timeout 30s;
  keepalive_timeout 75s;
  keepalive_requests 10000;
  # Without it every change of instances closes connections on which a request may be coming.
  keepalive_min_timeout ${seconds.keep}s;
  large_client_header_buffers 2 ${LONGEST_HEAD};
  # The text is in the path; bodies go through unread, as the API does not read them either.
  client_max_body_size 0;`;
}

/**
 * An instance that cannot be connected to is passed over; so is one that answers a GET with nothing.
 * A POST that was sent is never sent again: whether it was published nobody knows.
 * https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
 */
function renderProxy(): string {
  return `  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  proxy_connect_timeout 1s;
  proxy_send_timeout 15s;
  proxy_read_timeout 15s;
  proxy_next_upstream error timeout;
  proxy_next_upstream_tries 4;
  proxy_next_upstream_timeout 5s;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Request-Id $passed_id;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Proto https;`;
}

function renderEdge(handling: string): string {
  const own = (name: string, answer: string) =>
    `    location = /.edge/${name} { internal; ${answer} }`;
  return `  server {
    listen ${ports.https} ssl;
    # Below that there are request lines in it, and so texts; what failed is in the access log.
    error_log stderr crit;
    error_page 400 = /.edge/$fault;
    error_page 414 494 = /.edge/too-long;
    error_page 404 405 = /.edge/not-found;
    error_page 497 = /.edge/not-https;
    error_page 501 505 = /.edge/not-http;
    error_page 502 504 = @unanswered;
${own("bad-escape", `return 400 "${words.badEscape}";`)}
${own("not-passed", 'return 400 "The text holds %00, or leads out of its path by /../";')}
${own("not-found", `return 404 "${words.notFound}";`)}
${own("not-http", `return 400 "${words.notHttp}";`)}
${own("not-https", 'return 400 "This port speaks HTTPS";')}
${own("too-long", `return 413 "${words.tooLong}";`)}
    location @unanswered {
      if ($was_sent = no) {
        ${UNAVAILABLE}
      }
      return 502 "No answer came; whether the request was carried out is not known";
    }
    location / {
      ${handling}
    }
  }`;
}

function renderAdmin(ready: string): string {
  return `  server {
    listen ${ports.admin};
    access_log off;
    location = /livez { return 200 "ok\\n"; }
    location = /readyz { ${ready} }
    location = /status { stub_status; }
    location / { return 404 "allowed: /livez, /readyz, /status\\n"; }
  }`;
}
