#!/bin/bash
# Usage: kafka-server-start.sh server.properties [--override property=value]...

if [ $# -lt 1 ]; then
  echo "USAGE: $0 server.properties [--override property=value]*" >&2
  exit 1
fi
bin="$(dirname "$(readlink -f "$0")")"
export KAFKA_LOG4J_OPTS="${KAFKA_LOG4J_OPTS:--Dlog4j.configuration=file:$bin/../config/log4j.properties}"
export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G}"
# Set and empty means none: without a garbage collection log the broker needs no folder to write to.
EXTRA_ARGS="${EXTRA_ARGS--name kafkaServer -loggc}"

# shellcheck disable=SC2086 -- a list of words
exec "$bin/kafka-run-class.sh" $EXTRA_ARGS kafka.Kafka "$@"
