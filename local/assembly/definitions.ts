/** From the resources of a template to what each service is told to run. */
import { randomBytes } from 'node:crypto';
import type {
  HttpApiDefinition,
  Throttle,
  WebSocketApiDefinition,
  WebSocketAuthorizer,
} from '../apigateway/types.ts';
import type { TableDefinition } from '../dynamodb/table-service.ts';
import type { RuleDefinition } from '../eventbridge/event-bus.ts';
import type { KeyDefinition } from '../kms/key-service.ts';
import type { FunctionDefinition } from '../lambda/function-definition.ts';
import type { QueueDefinition } from '../sqs/queue-service.ts';
import { UnsupportedTemplateError } from './assembly.ts';
import type { ResolvedProperties, Stack } from './stack.ts';

export function functionDefinitions(stack: Stack): FunctionDefinition[] {
  return stack.resources('AWS::Lambda::Function').map(({ ref: name, arn, properties }) => {
    if (!String(properties.Runtime).startsWith('nodejs')) {
      throw new UnsupportedTemplateError(
        `${name}: the local cloud runs Node functions, not ${properties.Runtime}`,
      );
    }
    return {
      arn,
      name,
      handler: properties.Handler,
      codeDirectory: stack.assetDirectory(properties.Code.S3Key),
      environment: withLocalAddresses(properties.Environment?.Variables ?? {}, stack),
      timeoutSeconds: properties.Timeout ?? 3,
      memoryMegabytes: properties.MemorySize ?? 128,
      logsInvocations: properties.LoggingConfig?.SystemLogLevel !== 'WARN',
      ...(properties.ReservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrency: properties.ReservedConcurrentExecutions }),
      roleArn: properties.Role,
      credentials: {
        accessKeyId: `ASIA${randomBytes(10).toString('hex').toUpperCase().slice(0, 16)}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(48).toString('base64'),
      },
      async: asyncSettings(stack, name, properties),
    };
  });
}

function asyncSettings(
  stack: Stack,
  name: string,
  properties: ResolvedProperties,
): FunctionDefinition['async'] {
  const config = stack
    .resources('AWS::Lambda::EventInvokeConfig')
    .find(({ properties: { FunctionName } }) => FunctionName === name);
  const onFailure = config?.properties.DestinationConfig?.OnFailure?.Destination;
  const deadLetterTarget = properties.DeadLetterConfig?.TargetArn;
  return {
    maximumRetryAttempts: config?.properties.MaximumRetryAttempts ?? 2,
    maximumEventAgeSeconds: config?.properties.MaximumEventAgeInSeconds ?? 21_600,
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(deadLetterTarget === undefined ? {} : { deadLetterTarget }),
  };
}

export function tableDefinitions(stack: Stack): TableDefinition[] {
  return stack.resources('AWS::DynamoDB::GlobalTable').map(({ logicalId, ref, properties }) => ({
    TableName: ref,
    ...(properties.StreamSpecification === undefined
      ? {}
      : { stream: streamOf(stack, logicalId, properties) }),
    ...keepingOf(properties),
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    ...(properties.GlobalSecondaryIndexes === undefined
      ? {}
      : { GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes }),
  }));
}

/** For the bill alone. A global table says of each replica whether it is backed up, and there is one here. */
function keepingOf({
  Replicas = [],
  TimeToLiveSpecification: { AttributeName, Enabled } = {},
}: ResolvedProperties) {
  const isBackedUp = Replicas[0]?.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true;
  return { isBackedUp, ...(Enabled === true ? { expiryAttribute: AttributeName as string } : {}) };
}

function streamOf(stack: Stack, logicalId: string, { StreamSpecification }: ResolvedProperties) {
  return { arn: stack.attribute(logicalId, 'StreamArn'), viewType: StreamSpecification.StreamViewType };
}

const QUEUE_ATTRIBUTES = [
  ...['MessageRetentionPeriod', 'VisibilityTimeout', 'DelaySeconds', 'MaximumMessageSize', 'RedrivePolicy'],
  'ReceiveMessageWaitTimeSeconds',
];

export function queueDefinitions(stack: Stack): QueueDefinition[] {
  return stack.resources('AWS::SQS::Queue').map(({ ref, arn, properties }) => {
    const set = QUEUE_ATTRIBUTES.filter(name => properties[name] !== undefined).map(name => {
      const value: unknown = properties[name];
      return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const;
    });
    return { name: ref.slice(ref.lastIndexOf('/') + 1), arn, attributes: Object.fromEntries(set) };
  });
}

export function keyDefinitions(stack: Stack): KeyDefinition[] {
  return stack.resources('AWS::KMS::Key').map(({ logicalId, ref, arn, properties }) => {
    if (properties.KeySpec !== 'ECC_NIST_P256' || properties.KeyUsage !== 'SIGN_VERIFY') {
      throw new UnsupportedTemplateError(
        `${logicalId}: the local KMS has ECC_NIST_P256 keys for SIGN_VERIFY only`,
      );
    }
    return { keyId: ref, arn };
  });
}

export function busNames(stack: Stack): string[] {
  return stack.resources('AWS::Events::EventBus').map(({ ref }) => ref);
}

const TARGET_PROPERTIES = new Set(['Arn', 'Id', 'DeadLetterConfig', 'RetryPolicy']);

export function ruleDefinitions(stack: Stack): RuleDefinition[] {
  return stack.resources('AWS::Events::Rule').map(({ logicalId, arn, properties }) => ({
    arn,
    busName: properties.EventBusName ?? 'default',
    enabled: properties.State !== 'DISABLED',
    ...(properties.EventPattern === undefined ? {} : { pattern: properties.EventPattern }),
    ...scheduleOf(logicalId, properties),
    targets: (properties.Targets ?? []).map((target: ResolvedProperties) => {
      const unknown = Object.keys(target).find(name => !TARGET_PROPERTIES.has(name));
      if (unknown !== undefined || !/^arn:[^:]*:(lambda|sqs):/.test(String(target.Arn))) {
        throw new UnsupportedTemplateError(
          `${logicalId}: the local cloud can't honour ${unknown ?? target.Arn} of a rule's target`,
        );
      }
      return {
        arn: target.Arn,
        ...(target.DeadLetterConfig ? { deadLetterArn: target.DeadLetterConfig.Arn } : {}),
        ...(target.RetryPolicy ? retryPolicy(target.RetryPolicy) : {}),
      };
    }),
  }));
}

/** AWS has schedules on the default bus only. */
function scheduleOf(logicalId: string, { EventBusName, ScheduleExpression }: ResolvedProperties) {
  if (ScheduleExpression === undefined) return {};
  if (EventBusName === undefined || EventBusName === 'default') return { schedule: ScheduleExpression };
  throw new UnsupportedTemplateError(
    `${logicalId}: ScheduleExpression is supported on the default event bus only`,
  );
}

function retryPolicy({ MaximumRetryAttempts, MaximumEventAgeInSeconds }: ResolvedProperties) {
  return {
    ...(MaximumRetryAttempts === undefined ? {} : { maximumRetryAttempts: MaximumRetryAttempts }),
    ...(MaximumEventAgeInSeconds === undefined ? {} : { maximumEventAgeSeconds: MaximumEventAgeInSeconds }),
  };
}

export function webSocketApiDefinitions(stack: Stack): WebSocketApiDefinition[] {
  return apis(stack, 'WEBSOCKET').map(({ apiId, stageName, throttle, properties, routes }) => ({
    apiId,
    stageName,
    ...throttle,
    domainName: domainName(apiId, stack),
    routeSelectionExpression: properties.RouteSelectionExpression,
    routes: Object.fromEntries(
      routes.map(({ ref, properties: route }) => [
        route.RouteKey,
        {
          functionArn: integratedFunction(stack, route, '1.0'),
          ...authorizerOf(stack, route),
          returnsResponse: stack
            .resources('AWS::ApiGatewayV2::RouteResponse')
            .some(({ properties: response }) => response.RouteId === ref),
        },
      ]),
    ),
  }));
}

export function httpApiDefinitions(stack: Stack): HttpApiDefinition[] {
  return apis(stack, 'HTTP').map(({ apiId, stageName, throttle, routes }) => ({
    apiId,
    stageName,
    ...throttle,
    domainName: domainName(apiId, stack),
    routes: Object.fromEntries(
      routes.map(({ properties: route }) => [
        route.RouteKey,
        { functionArn: integratedFunction(stack, route, '2.0') },
      ]),
    ),
  }));
}

function apis(stack: Stack, protocol: string) {
  return stack
    .resources('AWS::ApiGatewayV2::Api')
    .filter(({ properties }) => properties.ProtocolType === protocol)
    .map(({ logicalId, ref: apiId, properties }) => {
      const stages = stack
        .resources('AWS::ApiGatewayV2::Stage')
        .filter(({ properties: { ApiId } }) => ApiId === apiId);
      const [stage] = stages;
      if (stage === undefined || stages.length > 1) {
        throw new UnsupportedTemplateError(
          `${logicalId}: the local cloud runs an API with one stage, not ${stages.length}`,
        );
      }
      const routes = stack
        .resources('AWS::ApiGatewayV2::Route')
        .filter(({ properties: { ApiId } }) => ApiId === apiId);
      const throttle = throttleOf(stage.logicalId, stage.properties);
      return { apiId, stageName: stage.ref, throttle, properties, routes };
    });
}

/** What the stage lets through on each of its routes. */
function throttleOf(
  logicalId: string,
  { DefaultRouteSettings = {} }: ResolvedProperties,
): { throttle?: Throttle } {
  const { ThrottlingBurstLimit: burst, ThrottlingRateLimit: rate, ...others } = DefaultRouteSettings;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || (burst === undefined) !== (rate === undefined)) {
    throw new UnsupportedTemplateError(
      `${logicalId}: of DefaultRouteSettings the local cloud has ThrottlingRateLimit with ThrottlingBurstLimit, not ${unknown ?? 'one alone'}`,
    );
  }
  return rate === undefined ? {} : { throttle: { rate: Number(rate), burst: Number(burst) } };
}

function authorizerOf(stack: Stack, route: ResolvedProperties): { authorizer?: WebSocketAuthorizer } {
  const { AuthorizationType = 'NONE', AuthorizerId, RouteKey } = route;
  if (AuthorizationType === 'NONE') return {};
  const authorizer = stack.resources('AWS::ApiGatewayV2::Authorizer').find(({ ref }) => ref === AuthorizerId);
  if (AuthorizationType !== 'CUSTOM' || authorizer?.properties.AuthorizerType !== 'REQUEST') {
    throw new UnsupportedTemplateError(
      `route ${RouteKey}: the local cloud has Lambda REQUEST authorizers only`,
    );
  }
  const { AuthorizerUri, IdentitySource = [] } = authorizer.properties;
  return {
    authorizer: {
      authorizerId: authorizer.ref,
      functionArn: functionArnIn(AuthorizerUri),
      identitySources: IdentitySource,
    },
  };
}

/** @param payloadFormat of the events that the local cloud sends to this kind of API */
function integratedFunction(
  stack: Stack,
  { RouteKey, Target }: ResolvedProperties,
  payloadFormat: '1.0' | '2.0',
): string {
  const integration = stack
    .resources('AWS::ApiGatewayV2::Integration')
    .find(({ ref }) => Target === `integrations/${ref}`);
  const { IntegrationType, IntegrationUri, PayloadFormatVersion = '1.0' } = integration?.properties ?? {};
  if (IntegrationType !== 'AWS_PROXY') {
    throw new UnsupportedTemplateError(`route ${RouteKey}: the local cloud has AWS_PROXY integrations only`);
  }
  if (PayloadFormatVersion !== payloadFormat) {
    throw new UnsupportedTemplateError(
      `route ${RouteKey}: the local cloud sends events of payload format ${payloadFormat} here, not ${PayloadFormatVersion}`,
    );
  }
  return functionArnIn(IntegrationUri);
}

/** The function in `arn:…:apigateway:…:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations`, or itself. */
function functionArnIn(uri: string): string {
  return /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

function domainName(apiId: string, { naming }: Stack): string {
  return `${apiId}.execute-api.${naming.region}.amazonaws.com`;
}

/**
 * Replaces the public addresses of the stack's APIs by the local ones, in whatever text names them: a WebSocket
 * stage answers at `/STAGE`, the HTTP API at the root.
 */
export function withLocalAddresses(texts: Record<string, string>, { naming }: Stack): Record<string, string> {
  const host = naming.endpoint.slice('http://'.length);
  const address = new RegExp(
    `(ws|http)s://[a-z0-9]+\\.execute-api\\.${naming.region}\\.amazonaws\\.com`,
    'g',
  );
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, String(text).replaceAll(address, `$1://${host}`)]),
  );
}
