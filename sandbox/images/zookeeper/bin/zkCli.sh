#!/usr/bin/env bash
# Usage: zkCli.sh [-server host:port] [-client-configuration file] [command and arguments]

. "$(dirname "$(readlink -f "$0")")/zkEnv.sh"

# shellcheck disable=SC2086 -- the flags are lists of words
exec "$JAVA" "-Dzookeeper.log.dir=$ZOO_LOG_DIR" -cp "$CLASSPATH" $CLIENT_JVMFLAGS ${JVMFLAGS:-} \
  org.apache.zookeeper.ZooKeeperMain "$@"
