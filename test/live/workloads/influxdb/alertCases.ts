import { type AlertCase, pair } from "../prometheus/cases/case.ts";

const httpd = (of: string) =>
  `influxdb_httpd_${of}{job="telegraf-services",host="services",bind=":8086"}`;
const dropped = (output: string) =>
  `internal_write_metrics_dropped{job="telegraf",host="node-1",output="${output}"}`;

/** Trials of the alerts of InfluxDB and Telegraf. */
export const influxdbCases: readonly AlertCase[] = [
  ...pair(
    "InfluxDbDown",
    5,
    { summary: "InfluxDB does not answer; Telegraf keeps what it has for about an hour" },
    { 'up{job="influxdb"}': "1 1 0x10" },
    { 'up{job="influxdb"}': "1x10" },
  ),
  {
    alert: "InfluxDbDown",
    when: "there is nothing left to be asked",
    series: { 'up{job="mill"}': "1x10" },
    minute: 5,
    fires: { summary: "InfluxDB does not answer; Telegraf keeps what it has for about an hour" },
  },
  {
    alert: "InfluxDbDown",
    when: "its pod rolls",
    series: { 'up{job="influxdb"}': "1 0 1x10" },
    minute: 3,
  },
  ...["authFail", "pointsWrittenFail", "pointsWrittenDropped"].flatMap((of) => {
    const well = {
      [httpd("authFail")]: "7x30",
      [httpd("pointsWrittenFail")]: "0x30",
      [httpd("pointsWrittenDropped")]: "0x30",
    };
    return pair(
      "InfluxDbRefuses",
      20,
      { summary: "InfluxDB refuses passwords or points (20 in ten minutes); they are lost" },
      { ...well, [httpd(of)]: "0+2x30" },
      well,
    );
  }),
  {
    alert: "InfluxDbRefuses",
    when: "the set-up has tried passwords",
    series: {
      [httpd("authFail")]: "0x10 5x20",
      [httpd("pointsWrittenFail")]: "0x30",
      [httpd("pointsWrittenDropped")]: "0x30",
    },
    minute: 12,
  },
  ...pair(
    "TelegrafDropping",
    20,
    {
      summary: "Telegraf on node-1 lost 10 points that InfluxDB did not take",
      labels: { job: "telegraf", host: "node-1" },
    },
    { [dropped("influxdb")]: "0+1x30", [dropped("prometheus_client")]: "0x30" },
    // What Prometheus does not fetch in time is dropped as a matter of course.
    { [dropped("influxdb")]: "5x30", [dropped("prometheus_client")]: "0+9x30" },
  ),
];
