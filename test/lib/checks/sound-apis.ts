/** The APIs of the sound template, and the names that they are served by. */
import { allow, arnOf, type EditableTemplate, gatewayAddress, permission } from './sound-values.ts';

export function apis(): EditableTemplate['Resources'] {
  const api = { ApiId: { Ref: 'Api' } };
  const httpApi = { ApiId: { Ref: 'HttpApi' } };
  return {
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
    },
    Authorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ...api,
        AuthorizerType: 'REQUEST',
        AuthorizerUri: gatewayAddress('Function'),
        IdentitySource: ['route.request.header.Authorization'],
      },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { ...api, IntegrationType: 'AWS_PROXY', IntegrationUri: gatewayAddress('Function') },
    },
    LinePermission: permission('apigateway.amazonaws.com', routesOf('Api')),
    Connect: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ...api,
        RouteKey: '$connect',
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: 'Authorizer' },
      },
    },
    Default: { Type: 'AWS::ApiGatewayV2::Route', Properties: { ...api, RouteKey: '$default' } },
    Deployment: {
      Type: 'AWS::ApiGatewayV2::Deployment',
      DependsOn: ['Connect', 'Default'],
      Properties: api,
    },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      DependsOn: ['Connect'],
      Properties: {
        ...api,
        StageName: 'prod',
        AutoDeploy: true,
        RouteSettings: { $connect: { ThrottlingRateLimit: 500 } },
      },
    },
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
    HttpIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ...httpApi,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arnOf('Function'),
        PayloadFormatVersion: '2.0',
      },
    },
    HttpPermission: permission('apigateway.amazonaws.com', routesOf('HttpApi')),
    HttpStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ...httpApi, StageName: '$default', AutoDeploy: true },
    },
  };
}

function routesOf(api: string): unknown {
  return { 'Fn::Join': ['', ['arn:aws:execute-api:eu-central-1:111122223333:', { Ref: api }, '/*/*']] };
}

export function domains(): EditableTemplate['Resources'] {
  const domain = (DomainName: string) => ({
    Type: 'AWS::ApiGatewayV2::DomainName',
    Properties: {
      DomainName,
      DomainNameConfigurations: [
        {
          CertificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/abc',
          EndpointType: 'REGIONAL',
          SecurityPolicy: 'TLS_1_2',
        },
      ],
    },
  });
  return {
    LineDomain: domain('line.example.com'),
    LineMapping: {
      Type: 'AWS::ApiGatewayV2::ApiMapping',
      DependsOn: ['Stage'],
      Properties: { ApiId: { Ref: 'Api' }, DomainName: { Ref: 'LineDomain' }, Stage: 'prod' },
    },
    OfficeDomain: domain('office.example.com'),
    OfficeMapping: {
      Type: 'AWS::ApiGatewayV2::ApiMapping',
      Properties: {
        ApiId: { Ref: 'HttpApi' },
        DomainName: { Ref: 'OfficeDomain' },
        Stage: { Ref: 'HttpStage' },
      },
    },
    LoggingRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: allow({
          Action: 'sts:AssumeRole',
          Principal: { Service: 'apigateway.amazonaws.com' },
        }),
      },
    },
    LoggingAccount: {
      Type: 'AWS::ApiGateway::Account',
      Properties: { CloudWatchRoleArn: arnOf('LoggingRole') },
    },
  };
}
