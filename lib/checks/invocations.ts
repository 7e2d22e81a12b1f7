/**
 * How a function is invoked: whoever calls it must name it in the right form and be let in; it must answer while API
 * Gateway waits; and it must find room in the account's concurrency.
 */
import { type Protocol, protocolOf } from './api-gateway.ts';
import {
  type Finding,
  refersTo,
  refOf,
  resourcesOf,
  show,
  type Template,
  textOf,
  valuesAt,
} from './template.ts';

interface Call {
  readonly logicalId: string;
  /** The property that names the function, and what it holds. */
  readonly at: string;
  readonly target: unknown;
  /** The function; undefined where the property names none. */
  readonly handler: string | undefined;
  readonly service: string;
  /** The resource on whose behalf the service calls. */
  readonly source: string;
  /** How long the service waits for the answer. */
  readonly waitSeconds: number;
}

/** How API Gateway addresses a function: `IntegrationUri` in its API reference. */
const gatewayAddress =
  /^arn:(?:\$\{AWS::Partition\}|aws[\w-]*):apigateway:(?:\$\{AWS::Region\}|[\w-]+):lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
/** "Quotas for configuring and running a WebSocket API", "… an HTTP API": how long each waits. */
const waitSeconds: Readonly<Record<'IntegrationUri' | 'AuthorizerUri', Readonly<Record<Protocol, number>>>> =
  {
    IntegrationUri: { WEBSOCKET: 29, HTTP: 30 },
    AuthorizerUri: { WEBSOCKET: 29, HTTP: 10 },
  };
/** Lambda's default. */
const TIMEOUT_SECONDS = 3;
/** "Configuring reserved concurrency": of an account's 1,000, unless it was given more, 100 stay unreserved. */
const MOST_RESERVED = 900;

export function invocations(template: Template): Finding[] {
  const calls = [...ofRules(template), ...ofApis(template)];
  return [
    ...calls.flatMap(call => problemsOf(call, template)),
    ...payloads(template),
    ...reservations(template),
  ];
}

function ofRules(template: Template): Call[] {
  return resourcesOf(template, 'AWS::Events::Rule').flatMap(({ logicalId, properties }) =>
    valuesAt(properties, 'Targets[].Arn')
      .map(target => ({ target, handler: functionNamed(textOf(target), template) }))
      // A target of another kind is not called: queues.ts judges those.
      .filter(({ handler }) => handler !== undefined)
      .map(named => ({
        ...named,
        logicalId,
        at: 'Properties.Targets',
        service: 'events.amazonaws.com',
        source: logicalId,
        waitSeconds: Number.POSITIVE_INFINITY,
      })),
  );
}

function ofApis(template: Template): Call[] {
  const types = ['AWS::ApiGatewayV2::Integration', 'AWS::ApiGatewayV2::Authorizer'];
  return resourcesOf(template, ...types).flatMap(({ logicalId, properties }) => {
    const protocol = protocolOf(template, properties);
    const isLambda = properties.IntegrationType === 'AWS_PROXY' || properties.AuthorizerType === 'REQUEST';
    if (protocol === undefined || !isLambda) return [];
    const name = properties.AuthorizerType === undefined ? 'IntegrationUri' : 'AuthorizerUri';
    const target = properties[name];
    const address = textOf(target);
    // An HTTP API's integration takes the function's own ARN, too.
    const isArnEnough = name === 'IntegrationUri' && protocol === 'HTTP';
    const arn = gatewayAddress.exec(address)?.[1] ?? (isArnEnough ? address : '');
    return [
      {
        logicalId,
        at: `Properties.${name}`,
        target,
        handler: functionNamed(arn, template),
        service: 'apigateway.amazonaws.com',
        source: refOf(properties.ApiId) ?? '',
        waitSeconds: (properties.TimeoutInMillis ?? waitSeconds[name][protocol] * 1_000) / 1_000,
      },
    ];
  });
}

/** The function of this template that an ARN names. */
function functionNamed(arn: string, { Resources }: Template): string | undefined {
  const logicalId = /^\$\{(\w+)\.Arn\}$/.exec(arn)?.[1] ?? '';
  return Resources[logicalId]?.Type === 'AWS::Lambda::Function' ? logicalId : undefined;
}

function problemsOf(call: Call, template: Template): Finding[] {
  const { logicalId, at, handler, service, source, target } = call;
  if (handler === undefined) {
    return [{ logicalId, at, problem: `${show(target)} is no address by which ${service} calls a function` }];
  }
  const found: Finding[] = [];
  const isLetIn = resourcesOf(template, 'AWS::Lambda::Permission').some(
    ({ properties }) =>
      refersTo(properties.FunctionName, handler) &&
      properties.Principal === service &&
      refersTo(properties.SourceArn, source),
  );
  if (!isLetIn) found.push({ logicalId, at, problem: `no permission lets ${source} invoke ${handler}` });
  const timeout = template.Resources[handler]?.Properties?.Timeout ?? TIMEOUT_SECONDS;
  if (timeout > call.waitSeconds) {
    const problem = `may run for ${timeout} s, and ${service} waits ${call.waitSeconds} s for its answer`;
    found.push({ logicalId: handler, at: 'Properties.Timeout', problem });
  }
  return found;
}

/** "Create AWS Lambda proxy integrations for HTTP APIs": the handlers read events of version 2.0. */
function payloads(template: Template): Finding[] {
  const at = 'PayloadFormatVersion';
  return resourcesOf(template, 'AWS::ApiGatewayV2::Integration')
    .filter(({ properties }) => properties.IntegrationType === 'AWS_PROXY' && properties[at] !== '2.0')
    .filter(({ properties }) => protocolOf(template, properties) === 'HTTP')
    .map(({ logicalId, properties }) => ({
      logicalId,
      at: `Properties.${at}`,
      problem: `${show(properties[at])} must be 2.0: the handlers read no other events`,
    }));
}

/** What functions reserve comes off what all others of the account share. */
function reservations(template: Template): Finding[] {
  const at = 'ReservedConcurrentExecutions';
  let reserved = 0;
  return resourcesOf(template, 'AWS::Lambda::Function').flatMap(({ logicalId, properties }) => {
    reserved += properties[at] ?? 0;
    if (properties[at] === undefined || reserved <= MOST_RESERVED) return [];
    const problem = `makes it ${reserved} reserved, and an account has ${MOST_RESERVED} to reserve`;
    return [{ logicalId, at: `Properties.${at}`, problem }];
  });
}
