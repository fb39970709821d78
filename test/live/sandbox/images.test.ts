import assert from "node:assert/strict";
import { images, versionOf } from "../../../infra/versions.ts";
import { addresses } from "../../../sandbox/addresses.ts";
import { dockerHost } from "../../../sandbox/docker.ts";
import { mirrorReference, published } from "../../../sandbox/images/registry.ts";
import { sandboxImages, systemImages } from "../../../sandbox/images/table.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import { createRun, type Run } from "../../../sandbox/run.ts";
import { requireLive } from "../harness.ts";

const home = "/apache-zookeeper-3.9.4-bin";

/** What a shell in each image has to print, with options of `docker run`. */
const contents: readonly (readonly [what: string, image: string, command: string, out: string])[] =
  [
    ["runs zookeeper as 1000", images.zookeeper, "id -u zookeeper; id -g zookeeper", "1000\n1000"],
    [
      "has zookeeper's programs on PATH",
      images.zookeeper,
      "command -v zkServer.sh zkCli.sh nc wget",
      `${home}/bin/zkServer.sh\n${home}/bin/zkCli.sh\n/usr/bin/nc\n/usr/bin/wget`,
    ],
    [
      "has zookeeper's folders",
      images.zookeeper,
      `stat -c '%U %n' $ZOO_CONF_DIR $ZOO_DATA_DIR $ZOO_DATA_LOG_DIR $ZOO_LOG_DIR; pwd`,
      `zookeeper /conf\nzookeeper /data\nzookeeper /datalog\nzookeeper /logs\n${home}`,
    ],
    [
      "has what zookeeper's metrics, TLS and admin server need",
      images.zookeeper,
      "cd lib; ls | grep -cE '^(zookeeper-prometheus-metrics|netty-handler|jetty-server)-'",
      "3",
    ],
    ["runs as appuser of 1000", images.kafka, "id -u; id -g; id -un", "1000\n1000\nappuser"],
    [
      "answers with kafka's version",
      images.kafka,
      "/opt/kafka/bin/kafka-topics.sh --version",
      "3.9.1",
    ],
    [
      "has what kafka needs to reach zookeeper over TLS",
      images.kafka,
      "ls /opt/kafka/libs | grep -cE '^(netty-handler|netty-transport-native-epoll)-'",
      "2",
    ],
    [
      "has node of the same major version for user node",
      images.node,
      "command -v node; node -p 'parseInt(process.versions.node)'; id -u node",
      "/usr/local/bin/node\n24\n1000",
    ],
    [
      "knows its version and has what its scripts call",
      images.consul,
      "consul version | head -n 1; ls /bin/consul; command -v curl jq; id -u consul; id -g consul",
      `Consul v${versionOf("consul")}\n/bin/consul\n/usr/bin/curl\n/usr/bin/jq\n100\n1000`,
    ],
    [
      "knows its version and has a shell for its commands",
      images.consulTemplate,
      "consul-template -v; ls /bin/consul-template /bin/sh; id -u",
      `consul-template v${versionOf("consulTemplate")} ()\n/bin/consul-template\n/bin/sh\n100`,
    ],
    [
      "has its files and its user where the official image has them",
      images.nginx,
      "command -v nginx; ls /etc/nginx/mime.types; id -u nginx; id -g nginx",
      "/usr/sbin/nginx\n/etc/nginx/mime.types\n101\n101",
    ],
    [
      "has promtool beside it and runs as nobody",
      images.prometheus,
      "prometheus --version | grep -o 'version 3'; ls /bin/prometheus /bin/promtool; id -u; pwd",
      "version 3\n/bin/prometheus\n/bin/promtool\n65534\n/prometheus",
    ],
    [
      "has amtool and its templates beside it and runs as nobody",
      images.alertmanager,
      "alertmanager --version | grep -o 'version 0'; ls /bin/alertmanager /bin/amtool; id -u; pwd",
      "version 0\n/bin/alertmanager\n/bin/amtool\n65534\n/alertmanager",
    ],
    [
      "runs as nobody",
      images.nodeExporter,
      "node_exporter --version | grep -o 'version 1'; ls /bin/node_exporter; id -u",
      "version 1\n/bin/node_exporter\n65534",
    ],
    [
      "has its shell beside it",
      images.influxdb,
      "influxd version | grep -o 'v1'; command -v influxd influx",
      "v1\n/usr/bin/influxd\n/usr/bin/influx",
    ],
    [
      "knows its version",
      images.telegraf,
      "telegraf version; command -v telegraf",
      `Telegraf ${versionOf("telegraf")}\n/usr/bin/telegraf`,
    ],
  ];

describe("live: sandbox images", function () {
  this.timeout(120_000);
  let docker: (...args: string[]) => Promise<string>;

  before(async function () {
    requireLive(this);
    const run: Run = createRun({ DOCKER_HOST: await dockerHost(sandboxPaths()) });
    docker = async (...args) => (await run("docker", args)).trim();
  });

  const offline = ["run", "--rm", "--network", "none", "--read-only"];
  const mirror = (reference: string): string => mirrorReference(addresses.registry, reference);

  for (const [what, image, command, out] of contents) {
    it(`${image.split("/").at(-1)} ${what}`, async () => {
      const shell = [...offline, "--entrypoint", "bash", mirror(image), "-c", command];
      assert.equal(await docker(...shell), out);
    });
  }

  it("node takes a script without the program's name, as the public image does", async () => {
    const printed = await docker(...offline, images.node, "-p", "1 + 1");
    assert.equal(printed, "2");
  });

  it("zookeeper answers on a root file system that is read-only, as user 1000", async () => {
    const options = ["--user", "1000:1000", "--tmpfs", "/conf:uid=1000", "--tmpfs", "/tmp"];
    const settings = [
      "--env",
      "ZOO_CFG_EXTRA=4lw.commands.whitelist=ruok admin.enableServer=false",
    ];
    const detached = [...offline, "--detach", ...options, ...settings];
    const name = await docker(...detached, mirror(images.zookeeper));
    try {
      const ask = "until echo ruok | nc -w 2 127.0.0.1 2181; do :; done";
      assert.equal(await docker("exec", name, "timeout", "60", "bash", "-c", ask), "imok");
      assert.equal(await docker("exec", name, "cat", "/data/myid"), "1");
    } finally {
      await docker("rm", "--force", "--volumes", name);
    }
  });

  /** What `ask` prints in a container that runs `command` as user 1000, all but /tmp read-only. */
  const asked = async (image: string, command: string, ask: string): Promise<string> => {
    const options = ["--detach", "--user", "1000:1000", "--tmpfs", "/tmp", "--entrypoint", "sh"];
    const name = await docker(...offline, ...options, mirror(image), "-c", command);
    try {
      return await docker("exec", name, "timeout", "60", "bash", "-c", ask);
    } finally {
      await docker("rm", "--force", "--volumes", name);
    }
  };

  it("consul serves its own pages on a root file system that is read-only, as user 1000", async () => {
    const pages = "curl --silent --fail http://127.0.0.1:8500/ui/";
    const ask = `until ${pages} | grep --only-matching '<title>.*</title>'; do :; done`;
    const printed = await asked(images.consul, "exec consul agent -dev", ask);
    assert.equal(printed, "<title>Consul by HashiCorp</title>");
  });

  it("nginx serves what it is told on a root file system that is read-only, as user 1000", async () => {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const configuration = [
      "pid /tmp/nginx.pid; daemon off; events {} http {",
      ...temporary.map((what) => `${what}_temp_path /tmp/${what};`),
      // Versions before 1.27.4 do not know this one.
      "keepalive_min_timeout 1s; access_log off;",
      "server { listen 8080; location / { stub_status; } } }",
    ].join(" ");
    const command = `echo '${configuration}' > /tmp/nginx.conf; exec nginx -c /tmp/nginx.conf`;
    const ask = "until curl --silent --fail http://127.0.0.1:8080; do :; done";
    assert.match(await asked(images.nginx, command, ask), /^Active connections: 1 ?\n/);
  });

  it("coredns knows its version", async () => {
    const printed = await docker(...offline, mirror(systemImages.coredns), "-version");
    assert.match(printed, /^CoreDNS-1\.12\.4\n/);
  });

  it("kube-state-metrics knows its version", async () => {
    // By itself the image begins to serve, as the public one does.
    const program = ["--entrypoint", "/kube-state-metrics", mirror(images.kubeStateMetrics)];
    const printed = await docker(...offline, ...program, "version");
    assert.match(printed, /version v2\.15\.0/);
  });

  it("none of the cluster's own runs as root", async () => {
    for (const reference of Object.values(systemImages)) {
      const format = "{{.Config.User}}";
      const user = await docker("image", "inspect", "--format", format, mirror(reference));
      assert.match(user, /^[1-9]\d+:[1-9]\d+$/, reference);
    }
  });

  it("are all served by the registry with their keys", async () => {
    for (const { reference, neededIn } of sandboxImages) {
      if (!neededIn.includes("registry")) continue;
      assert.match((await published(addresses.registry, reference))?.key ?? "", /^[0-9a-f]{16}$/);
    }
  });
});
