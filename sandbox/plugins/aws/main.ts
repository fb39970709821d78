import { version } from "@pulumi/aws/package.json";
import { serve } from "../rpc/index.ts";
import { awsProvider } from "./provider.ts";

void serve({ name: "aws", version, provider: () => awsProvider(process.env) });
