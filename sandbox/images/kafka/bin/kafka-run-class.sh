#!/bin/bash
# Usage: kafka-run-class.sh [-name name] [-loggc] class [arguments]
# The variables that steer it, and their defaults, are those of the release.

base="$(dirname "$(readlink -f "$0")")/.."
LOG_DIR="${LOG_DIR:-$base/logs}"

if [ -z "${KAFKA_LOG4J_OPTS:-}" ]; then
  KAFKA_LOG4J_OPTS="-Dlog4j.configuration=file:$base/config/tools-log4j.properties"
else
  mkdir -p "$LOG_DIR"
fi
KAFKA_JVM_PERFORMANCE_OPTS="${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC \
-XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent \
-XX:MaxInlineLevel=15 -Djava.awt.headless=true}"
KAFKA_JMX_OPTS="${KAFKA_JMX_OPTS:--Dcom.sun.management.jmxremote=true \
-Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false}"
if [ -n "${JMX_PORT:-}" ]; then
  KAFKA_JMX_OPTS="$KAFKA_JMX_OPTS -Dcom.sun.management.jmxremote.port=$JMX_PORT"
fi

name=kafka
while [ $# -gt 0 ]; do
  case "$1" in
    -name) name="$2"; shift 2 ;;
    -loggc) KAFKA_GC_LOG_OPTS="${KAFKA_GC_LOG_OPTS:-collect}"; shift ;;
    *) break ;;
  esac
done
if [ "${KAFKA_GC_LOG_OPTS:-}" = collect ]; then
  KAFKA_GC_LOG_OPTS="-Xlog:gc*:file=$LOG_DIR/$name-gc.log:time,tags:filecount=10,filesize=100M"
fi

# Jar by jar and in order: an archive of classes holds for one class path only.
for jar in "$base"/libs/*.jar; do
  CLASSPATH="${CLASSPATH:+$CLASSPATH:}$jar"
done

# shellcheck disable=SC2086 -- the options are lists of words
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" ${KAFKA_HEAP_OPTS:--Xmx256M} \
  $KAFKA_JVM_PERFORMANCE_OPTS ${KAFKA_GC_LOG_OPTS:-} $KAFKA_JMX_OPTS \
  "-Dkafka.logs.dir=$LOG_DIR" $KAFKA_LOG4J_OPTS \
  -cp "$CLASSPATH" ${KAFKA_OPTS:-} "$@"
