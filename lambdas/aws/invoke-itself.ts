/** Leaves work to a further invocation of the function that runs, which begins when it likes. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { required } from './environment.ts';

export async function invokeItself(
  lambda: Pick<LambdaClient, 'send'>,
  payload: object,
  FunctionName: string = required('AWS_LAMBDA_FUNCTION_NAME'),
): Promise<void> {
  const Payload = new TextEncoder().encode(JSON.stringify(payload));
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
}
