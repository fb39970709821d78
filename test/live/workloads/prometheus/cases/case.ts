/** A trial of one alert: series that Prometheus is given, and whether it fires for them. */
export interface AlertCase {
  /** Name of the alert. */
  readonly alert: string;
  /** What has happened, in a few words. */
  readonly when: string;
  /** Series with their values as promtool writes them, one each minute from the first on. */
  readonly series: Readonly<Record<string, string>>;
  /** Minute that is looked at. */
  readonly minute: number;
  /** What it says and the labels that it has besides the rule's; undefined: it does not fire. */
  readonly fires?: { readonly summary: string; readonly labels?: Readonly<Record<string, string>> };
}

/** Two trials of an alert, of which the first fires and the second does not. */
export function pair(
  alert: string,
  minute: number,
  fires: AlertCase["fires"] & object,
  bad: Readonly<Record<string, string>>,
  good: Readonly<Record<string, string>>,
): readonly AlertCase[] {
  return [
    { alert, when: "it is so", series: bad, minute, fires },
    { alert, when: "all is well", series: good, minute },
  ];
}
