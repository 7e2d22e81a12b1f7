/** What AWS bills for an invocation, and for what Lambda itself writes about it into the function's log. */
import { gigabyteSeconds, logEventBytes, type Usage } from '../usage.ts';
import type { FunctionDefinition } from './function-definition.ts';

const ID = '8f5f1b5c-0000-4000-8000-000000000000';
/** "Using Lambda function logs": each is an event of its own. The length of their numbers hardly differs. */
const SYSTEM_LOG_BYTES = [
  `START RequestId: ${ID} Version: $LATEST\n`,
  `END RequestId: ${ID}\n`,
  `REPORT RequestId: ${ID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\tMax Memory Used: 100 MB\t\n`,
].reduce((sum, line) => sum + logEventBytes(line), 0);

/**
 * @param milliseconds from when the environment was given the event until it answered. A new environment starts meanwhile:
 * "AWS Lambda standardizes billing for INIT Phase", so the time that it takes is billed with that of the handler.
 */
export function countInvocation(
  usage: Usage,
  { logsInvocations, memoryMegabytes }: Pick<FunctionDefinition, 'logsInvocations' | 'memoryMegabytes'>,
  milliseconds: number,
): void {
  usage.add('lambdaRequest');
  usage.add('lambdaGigabyteSecond', gigabyteSeconds(milliseconds, memoryMegabytes));
  if (logsInvocations) usage.add('logByte', SYSTEM_LOG_BYTES);
}
