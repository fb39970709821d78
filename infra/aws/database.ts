import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Database as PlatformDatabase, Scale } from "../platform.ts";
import { after } from "./after.ts";
import { databaseAuthority, databaseAuthorityOf } from "./databaseAuthority.ts";
import { createKey } from "./keys.ts";
import type { Network } from "./network.ts";
import type { Nodes } from "./nodes.ts";

/** What a database is made of. */
export interface DatabaseArgs {
  /** Identifier in the account and region, such as `yourcom-prod-greetings`. */
  readonly name: string;
  /** Name of the database in it. */
  readonly database: string;
  readonly region: string;
  readonly network: Pick<Network, "vpcId" | "databaseSubnetIds" | "databaseCidrs">;
  /** Whose pods may connect. */
  readonly nodes: Pick<Nodes, "securityGroupId">;
  /** full: a second server in another zone, and backups of two weeks; small: one, and of a day. */
  readonly scale: Scale;
  /** True: neither AWS nor Pulumi deletes it, and whoever has it deleted leaves a snapshot. */
  readonly retain: boolean;
  /** Such as `db.t4g.micro`. */
  readonly instanceClass: string;
  /** Size of the volume at first, in GiB, at least 20. */
  readonly storageGiB: number;
}

const PORT = 5432;
const USER = "postgres";
/**
 * The major version alone: AWS retires minor ones within a year or so, and puts fixes in by itself in
 * the hour of maintenance, which a pinned one would have the next `up` undo.
 */
const VERSION = "17";
const PASSWORD_LENGTH = 40;
const LOG_DAYS = 90;
/** How often its storage may grow to what it was at first. */
const GROWTH = 4;
/** Days that any second of can be gone back to. */
const backupDays: Readonly<Record<Scale, number>> = { small: 1, full: 14 };
/** UTC; they must not overlap. */
const windows = { backupWindow: "01:00-02:00", maintenanceWindow: "sun:02:30-sun:03:30" } as const;

/**
 * PostgreSQL by RDS in the database subnets, encrypted by a key of its own, reached by TLS alone and
 * from the nodes alone.
 */
export class Database extends pulumi.ComponentResource implements PlatformDatabase {
  readonly host: pulumi.Output<string>;
  readonly port = PORT;
  readonly cidrs: readonly string[];
  readonly caPem: string;
  readonly version = VERSION;
  readonly name: string;
  readonly user = USER;
  readonly password: pulumi.Output<string>;

  /** @throws pulumi.RunError when no authority of RDS is known in the region */
  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const caPem = databaseAuthorityOf(args.region);
    super("web-greetings:aws:Database", name, {}, opts);
    this.name = args.database;
    this.caPem = caPem;
    this.cidrs = args.network.databaseCidrs;
    this.password = new random.RandomPassword(
      name,
      // RDS does not take all special characters.
      { length: PASSWORD_LENGTH, special: false },
      { parent: this },
    ).result;
    const group = this.#group(name, args);
    const instance = this.#instance(name, args, group);
    // Clients come after the rule that lets them in, and are gone before it.
    this.host = after(instance.address, [this.#admit(name, args, group)]);
    this.registerOutputs({ host: this.host });
  }

  #group(name: string, args: DatabaseArgs): aws.ec2.SecurityGroup {
    return new aws.ec2.SecurityGroup(
      name,
      {
        vpcId: args.network.vpcId,
        description: "The database: nodes come in, and nothing goes out",
        tags: { Name: args.name },
      },
      { parent: this },
    );
  }

  #admit(name: string, { nodes }: DatabaseArgs, group: aws.ec2.SecurityGroup) {
    return new aws.vpc.SecurityGroupIngressRule(
      name,
      {
        securityGroupId: group.id,
        description: "pods, from the nodes",
        referencedSecurityGroupId: nodes.securityGroupId,
        ipProtocol: "tcp",
        fromPort: PORT,
        toPort: PORT,
      },
      { parent: this },
    );
  }

  #instance(name: string, args: DatabaseArgs, group: aws.ec2.SecurityGroup): aws.rds.Instance {
    const { retain, scale, storageGiB } = args;
    const key = createKey(name, { purpose: `database ${args.database}`, retain }, this);
    // Unlike the identifier it is another one for each database that there has been.
    const generation = new random.RandomId(name, { byteLength: 4 }, { parent: this });
    return new aws.rds.Instance(
      name,
      {
        identifier: after(args.name, [this.#logs(name, args)]),
        engine: "postgres",
        engineVersion: VERSION,
        autoMinorVersionUpgrade: true,
        instanceClass: args.instanceClass,
        multiAz: scale === "full",
        dbName: args.database,
        username: USER,
        password: this.password,
        port: PORT,
        dbSubnetGroupName: this.#subnets(name, args),
        vpcSecurityGroupIds: [group.id],
        publiclyAccessible: false,
        caCertIdentifier: databaseAuthority,
        parameterGroupName: this.#parameters(name),
        iamDatabaseAuthenticationEnabled: false,
        storageType: "gp3",
        allocatedStorage: storageGiB,
        maxAllocatedStorage: GROWTH * storageGiB,
        storageEncrypted: true,
        kmsKeyId: key.arn,
        databaseInsightsMode: "standard",
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: key.arn,
        performanceInsightsRetentionPeriod: 7,
        enabledCloudwatchLogsExports: ["postgresql"],
        ...windows,
        backupRetentionPeriod: backupDays[scale],
        copyTagsToSnapshot: true,
        deleteAutomatedBackups: !retain,
        deletionProtection: retain,
        skipFinalSnapshot: !retain,
        finalSnapshotIdentifier: pulumi.interpolate`${args.name}-final-${generation.hex}`,
        // What restarts the server waits for the hour of maintenance where people depend on it.
        applyImmediately: !retain,
        tags: { Name: args.name },
      },
      { parent: this, protect: retain },
    );
  }

  /** @returns the group's name */
  #subnets(name: string, { network, database }: DatabaseArgs): pulumi.Output<string> {
    return new aws.rds.SubnetGroup(
      name,
      { description: `database ${database}`, subnetIds: [...network.databaseSubnetIds] },
      { parent: this },
    ).name;
  }

  /** @returns the group's name */
  #parameters(name: string): pulumi.Output<string> {
    // Static parameters are taken by a server that starts with the group, as ours does.
    const forced = { name: "rds.force_ssl", value: "1", applyMethod: "pending-reboot" };
    return new aws.rds.ParameterGroup(
      name,
      {
        family: `postgres${VERSION}`,
        description: "Connections by TLS alone",
        parameters: [forced],
      },
      { parent: this },
    ).name;
  }

  /** The group that RDS would make itself, and nobody would delete. */
  #logs(name: string, args: DatabaseArgs): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      name,
      {
        name: `/aws/rds/instance/${args.name}/postgresql`,
        retentionInDays: LOG_DAYS,
      },
      { parent: this },
    );
  }
}
