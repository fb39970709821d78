#!/usr/bin/env bash
# Usage: zkServer.sh start-foreground [configuration file, by default zoo.cfg of $ZOOCFGDIR]

. "$(dirname "$(readlink -f "$0")")/zkEnv.sh"

if [ "${1:-}" != start-foreground ]; then
  echo "Usage: $0 start-foreground [configuration file]" >&2
  exit 1
fi
config="${2:-zoo.cfg}"
if [ ! -f "$config" ]; then
  config="$ZOOCFGDIR/$config"
fi
echo "Using config: $config" >&2

if [ "${JMXDISABLE:-false}" = false ]; then
  jmx="-Dcom.sun.management.jmxremote -Dcom.sun.management.jmxremote.local.only=${JMXLOCALONLY:-false}"
fi
# shellcheck disable=SC2086 -- the flags are lists of words
exec "$JAVA" "-Dzookeeper.log.dir=$ZOO_LOG_DIR" \
  -XX:+HeapDumpOnOutOfMemoryError "-XX:OnOutOfMemoryError=kill -9 %p" \
  -cp "$CLASSPATH" ${jmx:-} $SERVER_JVMFLAGS ${JVMFLAGS:-} \
  org.apache.zookeeper.server.quorum.QuorumPeerMain "$config"
