# What zkServer.sh and zkCli.sh have in common; sourced, never run. The names and defaults of the
# variables are those of the release.

ZOOBINDIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ZOOCFGDIR="${ZOOCFGDIR:-$ZOOBINDIR/../conf}"

for settings in "$ZOOCFGDIR/zookeeper-env.sh" "$ZOOCFGDIR/java.env"; do
  if [ -f "$settings" ]; then
    . "$settings"
  fi
done

ZOO_LOG_DIR="${ZOO_LOG_DIR:-$ZOOBINDIR/../logs}"
JAVA="${JAVA_HOME:+$JAVA_HOME/bin/}java"
# The folder of settings comes first: its logback.xml is the one that counts.
CLASSPATH="$ZOOCFGDIR:$ZOOBINDIR/../lib/*${CLASSPATH:+:$CLASSPATH}"
SERVER_JVMFLAGS="-Xmx${ZK_SERVER_HEAP:-1000}m ${SERVER_JVMFLAGS:-}"
CLIENT_JVMFLAGS="-Xmx${ZK_CLIENT_HEAP:-256}m ${CLIENT_JVMFLAGS:-}"
