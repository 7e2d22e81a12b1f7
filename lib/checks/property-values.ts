/**
 * Values that the CloudFormation schema lets pass and the service refuses at deploy, or takes for another thing. For the
 * most part the schema has "text" where the service knows a few words.
 */
import { protocolOf } from './api-gateway.ts';
import { type Finding, type Properties, resourcesOf, show, type Template, valuesAt } from './template.ts';

/** What a value must match, and how that is said after "must be"; a required one must be there, too. */
type Rule = readonly [pattern: RegExp, allowed: string, required?: 'required'];
/** By type of resource and path in its properties. */
export type Rules = Readonly<Record<string, Readonly<Record<string, Rule>>>>;

const words = (...allowed: string[]): Rule => [
  new RegExp(`^(?:${allowed.join('|')})$`),
  allowed.join(' or '),
];
const nothing: Rule = [/^$/, 'left out'];

const rules: Rules = {
  'AWS::ApiGatewayV2::Api': { ProtocolType: words('WEBSOCKET', 'HTTP') },
  // "Custom domain names for HTTP APIs", and "… for WebSocket APIs".
  'AWS::ApiGatewayV2::DomainName': {
    'DomainNameConfigurations[].EndpointType': words('REGIONAL'),
    'DomainNameConfigurations[].SecurityPolicy': words('TLS_1_2'),
  },
  'AWS::ApiGatewayV2::Integration': { ConnectionType: words('INTERNET', 'VPC_LINK') },
  'AWS::DynamoDB::GlobalTable': {
    'Replicas[].TableClass': words('STANDARD', 'STANDARD_INFREQUENT_ACCESS'),
    'Replicas[].Region': [/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'a Region: eu-central-1'],
  },
  // A throttle lasts for longer than one attempt; 0 gives an event up after the first.
  'AWS::Events::Rule': { 'Targets[].RetryPolicy.MaximumRetryAttempts': [/^[1-9]\d*$/, '1 or more'] },
  'AWS::Lambda::EventInvokeConfig': { MaximumRetryAttempts: words('1', '2') },
  // 0 switches the function off.
  'AWS::Lambda::Function': { ReservedConcurrentExecutions: [/^[1-9]\d*$/, '1 or more'] },
  // Without it a log is kept, and paid for, for ever.
  'AWS::Logs::LogGroup': { RetentionInDays: [/^\d+$/, 'a number of days', 'required'] },
};

/** What differs by the protocol of the API. */
const rulesOfProtocol: Readonly<Record<'WEBSOCKET' | 'HTTP', Rules>> = {
  WEBSOCKET: {
    'AWS::ApiGatewayV2::Api': {
      RouteSelectionExpression: [/^\$request\.body\.\w/, '$request.body.NAME', 'required'],
    },
    'AWS::ApiGatewayV2::Authorizer': {
      AuthorizerType: words('REQUEST'),
      AuthorizerPayloadFormatVersion: nothing,
      // "Create and use AWS Lambda REQUEST authorizers", for each kind of API.
      'IdentitySource[]': [
        /^(?:route\.request\.(?:header|querystring)|context|stageVariables)\.[\w.-]+$/,
        'an identity source of a WEBSOCKET API: route.request.header.NAME',
      ],
    },
    'AWS::ApiGatewayV2::Integration': {
      IntegrationType: words('AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'),
      PayloadFormatVersion: words('1.0'),
    },
    'AWS::ApiGatewayV2::Route': { AuthorizationType: words('NONE', 'AWS_IAM', 'CUSTOM') },
  },
  HTTP: {
    'AWS::ApiGatewayV2::Authorizer': {
      AuthorizerType: words('REQUEST', 'JWT'),
      AuthorizerPayloadFormatVersion: words('1.0', '2.0'),
      'IdentitySource[]': [
        /^\$(?:request\.(?:header|querystring)|context|stageVariables)\.[\w.-]+$/,
        'an identity source of an HTTP API: $request.header.NAME',
      ],
    },
    'AWS::ApiGatewayV2::Integration': {
      IntegrationType: words('AWS_PROXY', 'HTTP_PROXY'),
    },
    'AWS::ApiGatewayV2::Route': { AuthorizationType: words('NONE', 'AWS_IAM', 'CUSTOM', 'JWT') },
  },
};

export function propertyValues(template: Template): Finding[] {
  const byProtocol = Object.entries(rulesOfProtocol).flatMap(([protocol, ofProtocol]) =>
    violations(template, ofProtocol, properties => protocolOf(template, properties) === protocol),
  );
  return [...violations(template, rules), ...byProtocol];
}

/** @param applies whether the rules are for a resource of these properties */
export function violations(
  template: Template,
  rulesByType: Rules,
  applies: (properties: Properties) => boolean = () => true,
): Finding[] {
  return resourcesOf(template, ...Object.keys(rulesByType))
    .filter(({ properties }) => applies(properties))
    .flatMap(({ logicalId, type, properties }) =>
      Object.entries(rulesByType[type] ?? {}).flatMap(([path, [pattern, allowed, required]]) => {
        const values = valuesAt(properties, path);
        // What only the deploy decides can't be judged here.
        const wrong = values.filter(value => typeof value !== 'object' && !pattern.test(String(value)));
        const missing = required !== undefined && values.length === 0 ? ['(none)'] : [];
        return [...wrong.map(show), ...missing].map(value => ({
          logicalId,
          at: `Properties.${path}`,
          problem: `${value} must be ${allowed}`,
        }));
      }),
    );
}
