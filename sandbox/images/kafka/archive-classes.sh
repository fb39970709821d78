#!/bin/bash
# Starts a broker of its own for a moment and keeps the classes that it loaded in kafka.jsa, which a
# JVM maps at its start. Run while the image is made; the project's own image has such a file too.
set -euo pipefail

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cat > "$work/server.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:29093
listeners=PLAINTEXT://127.0.0.1:29092,CONTROLLER://127.0.0.1:29093
controller.listener.names=CONTROLLER
log.dirs=$work/data
EOF

export LOG_DIR="$work" EXTRA_ARGS="" KAFKA_HEAP_OPTS=-Xmx256m
/opt/kafka/bin/kafka-run-class.sh kafka.tools.StorageTool format \
  --cluster-id MkU3OEVBNTcwNTJENDM2Qk --config "$work/server.properties"
KAFKA_JVM_PERFORMANCE_OPTS="-XX:+UseSerialGC -XX:ArchiveClassesAtExit=/opt/kafka/kafka.jsa" \
  /opt/kafka/bin/kafka-server-start.sh "$work/server.properties" > "$work/log" 2>&1 &
broker=$!
for _ in $(seq 600); do
  grep -q "Kafka Server started" "$work/log" && break
  kill -0 "$broker" || { cat "$work/log"; exit 1; }
  sleep 0.1
done
kill -TERM "$broker"
wait "$broker" || true
test -s /opt/kafka/kafka.jsa || { cat "$work/log"; exit 1; }
