import { files, paths, seconds } from "./config.ts";
import { NO_INSTANCE } from "./nginx.ts";

/** The pipe by which nginx's container is told that there is a new configuration. */
const NEWS = `${paths.run}/news`;
/** nginx's configuration while it is tried, and the one in use. */
const TRIAL = `${paths.run}/trial.conf`;
const CURRENT = `${paths.run}/current.conf`;
const PID = "/tmp/nginx.pid";

/**
 * Start of nginx: from the last good configuration, or from the first one. On news a new one is
 * tried, and taken when it is good. One without any instance is never taken for one that has some:
 * it is Consul's last word when its servers and agents stop, and its first when they are back. Those
 * that are gone are then found out by connecting. Where none has been known yet, none is believed
 * after a while.
 */
export function renderStart(): string {
  return lines([
    // nginx's image asks to be stopped by QUIT.
    "trap 'exit 0' TERM QUIT",
    `[ -p ${NEWS} ] || { rm -f ${NEWS}; mkfifo ${NEWS}; }`,
    // Held open both ways: reading waits for writers that come later, writing never waits.
    `exec 3<>${NEWS}`,
    `[ -f ${CURRENT} ] || cp ${paths.config}/${files.first} ${CURRENT}`,
    `rm -f ${PID}`,
    ...renderTake(),
    ...renderListen(),
    `nginx -e stderr -c ${CURRENT} 3<&- &`,
    "nginx=$!",
    // A signal before nginx has its handlers would end it.
    `until [ -s ${PID} ] || ! kill -0 "$nginx" 2>/dev/null; do sleep 0.1; done`,
    // What came while nobody listened is still to be taken.
    "echo new >&3",
    "listen &",
    `{ sleep ${seconds.wait}; echo waited >&3; } &`,
    `trap 'sleep ${seconds.drain}; kill -QUIT "$nginx"' TERM QUIT`,
    ...renderWait("nginx"),
  ]);
}

function renderTake(): string[] {
  return [
    "take() {",
    `  cmp -s ${TRIAL} ${CURRENT} && return`,
    `  if nginx -e stderr -q -t -c ${TRIAL}; then`,
    `    mv ${TRIAL} ${CURRENT}`,
    '    kill -HUP "$nginx"',
    "  else",
    '    echo "edge: the new configuration is refused, the last good one stays" >&2',
    "  fi",
    "}",
  ];
}

function renderListen(): string[] {
  return [
    "listen() {",
    "  waited=no",
    "  while read -r news <&3; do",
    '    [ "$news" = waited ] && waited=yes',
    // A copy: what is looked at, tried and taken is one and the same, whatever comes meanwhile.
    `    cp ${paths.candidate} ${TRIAL} 2>/dev/null || continue`,
    `    read -r first <${TRIAL}`,
    `    read -r known <${CURRENT}`,
    `    if [ "$first" != "${NO_INSTANCE}" ]; then`,
    "      take",
    `    elif [ "$known" != "${NO_INSTANCE}" ]; then`,
    '      echo "edge: Consul knows of no instance, the last ones stay" >&2',
    '    elif [ "$waited" = yes ]; then',
    "      take",
    "    fi",
    "  done",
    "}",
  ];
}

/**
 * Start of consul-template: as soon as the agent has left a token, and anew with each new token,
 * which it reads only when it starts or is told to. It is told every so often besides: what it asked
 * an agent that went without a word it would wait for until TCP gives up, for a quarter of an hour.
 */
export function renderWatch(): string {
  return lines([
    "trap 'exit 0' TERM",
    `until [ -s ${paths.token} ]; do sleep 0.2; done`,
    `read -r token <${paths.token}`,
    `consul-template -config=${paths.config}/${files.watch} &`,
    "watch=$!",
    "renew() {",
    "  second=0",
    `  while [ "$second" -lt ${seconds.anew} ]; do`,
    "    sleep 1",
    "    second=$((second + 1))",
    `    read -r now <${paths.token}`,
    '    [ "$now" = "$token" ] || break',
    "  done",
    "  token=$now",
    '  kill -HUP "$watch"',
    "}",
    "while :; do renew; done &",
    `trap 'stopped=0; kill -TERM "$watch"' TERM`,
    ...renderWait("watch"),
  ]);
}

/** Waits for a program to end, signals or not, and ends as it did, or as a trap says. */
function renderWait(program: string): string[] {
  return [
    "code=0",
    `while kill -0 "$${program}" 2>/dev/null; do wait "$${program}"; code=$?; done`,
    `exit "\${stopped:-$code}"`,
  ];
}

/**
 * Settings of consul-template. It tries for ever: while Consul is away, the last configuration stays.
 * https://github.com/hashicorp/consul-template/blob/main/docs/configuration.md
 *
 * @param address `host:port` of the Consul agent
 */
export function renderWatchSettings(address: string): string {
  return `consul {
  address = "${address}"
  token_file = "${paths.token}"
  retry {
    attempts = 0
    backoff = "250ms"
    max_backoff = "2s"
  }
  ssl {
    enabled = true
    verify = true
    ca_cert = "${paths.tls}/ca.crt"
    cert = "${paths.tls}/tls.crt"
    key = "${paths.tls}/tls.key"
  }
  transport {
    dial_keep_alive = "5s"
    dial_timeout = "5s"
    tls_handshake_timeout = "5s"
  }
}
kill_signal = "SIGTERM"
log_level = "warn"
template {
  source = "${paths.config}/${files.template}"
  destination = "${paths.candidate}"
  perms = 0644
  error_fatal = false
  wait {
    min = "${seconds.quiet}s"
    max = "${seconds.quietMost}s"
  }
  exec {
    # To a pipe that nobody holds open it would write for ever; then nobody need be told either.
    command = ["/bin/sh", "-c", "[ ! -p ${NEWS} ] || echo new 1<>${NEWS}"]
    timeout = "10s"
  }
}
`;
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
