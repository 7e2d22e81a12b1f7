/** Faults of the APIs, and of who calls the functions. */
import { type Faults, set, setFirst } from './fault.ts';
import { arnOf, gatewayAddress } from './sound-values.ts';

export const apiFaults: Faults = {
  'api-gateway': [
    ['an authorization without its authorizer', 'Connect', set({ AuthorizerId: undefined })],
    [
      'an authorizer elsewhere than at $connect',
      'Default',
      set({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } }),
    ],
    [
      'a $connect for everybody',
      'Connect',
      properties => {
        delete properties.AuthorizationType;
        delete properties.AuthorizerId;
      },
    ],
    ['settings of a route that may not be there yet', 'Stage', (_, resource) => delete resource.DependsOn],
    ['settings of a route that there is not', 'Stage', set({ RouteSettings: { sync: {} } })],
    ['no deployment', 'Stage', set({ AutoDeploy: false })],
    ['a deployment before its routes', 'Deployment', (_, resource) => (resource.DependsOn = ['Connect'])],
    [
      'one name for a WebSocket API and an HTTP API',
      'OfficeMapping',
      set({ DomainName: { Ref: 'LineDomain' } }),
    ],
    [
      'two APIs at one place of a name',
      'OfficeMapping',
      set({ ApiId: { Ref: 'Api' }, DomainName: { Ref: 'LineDomain' }, Stage: { Ref: 'Stage' } }),
    ],
    ['a name served before its stage', 'LineMapping', (_, resource) => delete resource.DependsOn],
    ['a stage of another API', 'OfficeMapping', set({ Stage: 'prod' })],
  ],
  invocations: [
    [
      'an integration with the function’s ARN alone',
      'Integration',
      set({ IntegrationUri: arnOf('Function') }),
    ],
    ['an integration with an ARN of no function', 'HttpIntegration', set({ IntegrationUri: arnOf('Queue') })],
    [
      'an integration with the address of no function',
      'Integration',
      set({ IntegrationUri: gatewayAddress('Role') }),
    ],
    [
      'an address of another service',
      'Integration',
      set({ IntegrationUri: 'arn:aws:apigateway:eu-central-1:sqs:path/111122223333/queue' }),
    ],
    ['an authorizer without its function', 'Authorizer', set({ AuthorizerUri: undefined })],
    ['an event of another version for the handler', 'HttpIntegration', set({ PayloadFormatVersion: '1.0' })],
    ['an event of no version for the handler', 'HttpIntegration', set({ PayloadFormatVersion: undefined })],
    ['a function that the gateway gives up waiting for', 'Function', set({ Timeout: 30 })],
    ['more concurrency than an account has', 'Function', set({ ReservedConcurrentExecutions: 1_000 })],
  ],
  'property-values': [
    ['a protocol that there is not', 'HttpApi', set({ ProtocolType: 'WS' })],
    ['a selection expression of nothing', 'Api', set({ RouteSelectionExpression: 'request.body.action' })],
    ['an authorizer of a REST API', 'Authorizer', set({ AuthorizerType: 'TOKEN' })],
    [
      'an identity source of a REST API',
      'Authorizer',
      set({ IdentitySource: ['method.request.header.Authorization'] }),
    ],
    [
      'an identity source of an HTTP API',
      'Authorizer',
      set({ IdentitySource: ['$request.header.Authorization'] }),
    ],
    ['an integration that there is not', 'Integration', set({ IntegrationType: 'LAMBDA' })],
    ['an HTTP API’s payload on a WebSocket API', 'Integration', set({ PayloadFormatVersion: '2.0' })],
    ['a WebSocket API’s integration on an HTTP API', 'HttpIntegration', set({ IntegrationType: 'MOCK' })],
    [
      'an authorization that there is not',
      'Connect',
      set({ AuthorizationType: 'LAMBDA', AuthorizerId: undefined }),
    ],
    ['no selection expression', 'Api', set({ RouteSelectionExpression: undefined })],
    ['a domain of a REST API', 'LineDomain', setFirst('DomainNameConfigurations', { EndpointType: 'EDGE' })],
    [
      'a domain with another TLS version',
      'LineDomain',
      setFirst('DomainNameConfigurations', { SecurityPolicy: 'TLS_1_0' }),
    ],
    ['a table class that there is not', 'Table', setFirst('Replicas', { TableClass: 'STANDARD_IA' })],
    ['an asynchronous event that is tried once', 'InvokeConfig', set({ MaximumRetryAttempts: 0 })],
    [
      'an event of a rule that is tried once',
      'Rule',
      setFirst('Targets', { RetryPolicy: { MaximumRetryAttempts: 0 } }),
    ],
    ['a Region that there is not', 'PriceLists2B0F3A5C', ({ Replicas }) => (Replicas[1].Region = 'eu-west')],
    ['a log that is kept for ever', 'Logs', set({ RetentionInDays: undefined })],
    ['a function that is switched off', 'Function', set({ ReservedConcurrentExecutions: 0 })],
  ],
};
