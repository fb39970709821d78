/** What a plan needs to know of one type of resource. */
export interface AwsType {
  /** Whether it takes `tags`, to which the provider's default tags are added. */
  readonly tags: boolean;
  /**
   * Inputs whose change makes a replacement necessary ("Forces new resource"), as paths without the
   * indices of lists; a path stands for all that lies below it.
   */
  readonly replaces: readonly string[];
  /** Inputs that can be added and changed in place, but whose removal replaces. */
  readonly removals?: readonly string[];
  /** The input that is made up where the program gives none. */
  readonly autoName?: string;
  /** Outputs that an update in place may change; all others stay as they are. */
  readonly changing?: readonly string[];
  /** Outputs within an input, which are there even where the program leaves them out. */
  readonly filled?: readonly string[];
}

/** A type that takes tags. */
export const tagged = (replaces: readonly string[], more: Partial<AwsType> = {}): AwsType => ({
  tags: true,
  replaces,
  ...more,
});

/** A type without tags. */
export const plain = (replaces: readonly string[], more: Partial<AwsType> = {}): AwsType => ({
  tags: false,
  replaces,
  ...more,
});

/** A name is made up where the program gives none. */
export const named = { autoName: "name" };
