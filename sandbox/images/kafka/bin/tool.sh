#!/bin/bash
# Every command line tool; each is a link to this script and goes by the name of the link.

bin="$(dirname "$(readlink -f "$0")")"
tools=org.apache.kafka.tools
heap=""
case "$(basename "$0")" in
  kafka-acls.sh) class=kafka.admin.AclCommand ;;
  kafka-broker-api-versions.sh) class=kafka.admin.BrokerApiVersionsCommand ;;
  kafka-configs.sh) class=kafka.admin.ConfigCommand ;;
  kafka-console-consumer.sh) class=$tools.consumer.ConsoleConsumer heap=-Xmx512M ;;
  kafka-console-producer.sh) class=kafka.tools.ConsoleProducer heap=-Xmx512M ;;
  kafka-consumer-groups.sh) class=$tools.consumer.group.ConsumerGroupCommand ;;
  kafka-consumer-perf-test.sh) class=$tools.ConsumerPerformance heap=-Xmx512M ;;
  kafka-get-offsets.sh) class=$tools.GetOffsetShell ;;
  kafka-leader-election.sh) class=$tools.LeaderElectionCommand ;;
  kafka-producer-perf-test.sh) class=$tools.ProducerPerformance heap=-Xmx512M ;;
  kafka-reassign-partitions.sh) class=$tools.reassign.ReassignPartitionsCommand ;;
  kafka-topics.sh) class=$tools.TopicCommand ;;
  zookeeper-shell.sh) class=org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka ;;
  *) echo "$0: not the name of a tool; use the links to this script" >&2; exit 1 ;;
esac
if [ "$class" = org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka ]; then
  set -- -server "$@"
fi
if [ -n "$heap" ]; then
  export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:-$heap}"
fi
exec "$bin/kafka-run-class.sh" "$class" "$@"
