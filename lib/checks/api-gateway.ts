/**
 * API Gateway v2: its CloudFormation schema takes any text where the service knows a few words, so a wrong one is found
 * at deploy at the earliest, and a wrong identity source when every handshake gets 401.
 */
import {
  type Finding,
  listOf,
  type Properties,
  refOf,
  resourcesOf,
  show,
  type Template,
} from './template.ts';

type Protocol = 'WEBSOCKET' | 'HTTP';

/** By protocol, what a property may be. */
const enums: Readonly<Record<string, Readonly<Record<string, Record<Protocol, readonly string[]>>>>> = {
  'AWS::ApiGatewayV2::Authorizer': {
    AuthorizerType: { WEBSOCKET: ['REQUEST'], HTTP: ['REQUEST', 'JWT'] },
    AuthorizerPayloadFormatVersion: { WEBSOCKET: [], HTTP: ['1.0', '2.0'] },
  },
  'AWS::ApiGatewayV2::Integration': {
    IntegrationType: {
      WEBSOCKET: ['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'],
      HTTP: ['AWS_PROXY', 'HTTP_PROXY'],
    },
    PayloadFormatVersion: { WEBSOCKET: ['1.0'], HTTP: ['1.0', '2.0'] },
    ConnectionType: { WEBSOCKET: ['INTERNET', 'VPC_LINK'], HTTP: ['INTERNET', 'VPC_LINK'] },
  },
  'AWS::ApiGatewayV2::Route': {
    AuthorizationType: {
      WEBSOCKET: ['NONE', 'AWS_IAM', 'CUSTOM'],
      HTTP: ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT'],
    },
  },
};

/** "Create and use AWS Lambda REQUEST authorizers", for each kind of API. */
const identitySource: Readonly<Record<Protocol, RegExp>> = {
  WEBSOCKET: /^(?:route\.request\.(?:header|querystring)|context|stageVariables)\.[\w.-]+$/,
  HTTP: /^\$(?:request\.(?:header|querystring)|context|stageVariables)\.[\w.-]+$/,
};

export function apiGateway(template: Template): Finding[] {
  return [...apis(template), ...values(template), ...routes(template)];
}

function apis(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::ApiGatewayV2::Api').flatMap(({ logicalId, properties }) => {
    const { ProtocolType, RouteSelectionExpression } = properties;
    const found: Finding[] = [];
    if (!['WEBSOCKET', 'HTTP'].includes(ProtocolType)) {
      found.push(finding(logicalId, 'ProtocolType', ProtocolType, ['WEBSOCKET', 'HTTP']));
    }
    if (ProtocolType === 'WEBSOCKET' && !/^\$request\.body\.\w/.test(RouteSelectionExpression ?? '')) {
      found.push({
        logicalId,
        at: 'Properties.RouteSelectionExpression',
        problem: `${show(RouteSelectionExpression)} chooses no route: it must be $request.body.NAME`,
      });
    }
    return found;
  });
}

function values(template: Template): Finding[] {
  return resourcesOf(template, ...Object.keys(enums)).flatMap(({ logicalId, type, properties }) => {
    const protocol = protocolOf(template, properties);
    if (protocol === undefined) return [];
    const wrong = Object.entries(enums[type] ?? {})
      .filter(([name, allowed]) => name in properties && !allowed[protocol].includes(properties[name]))
      .map(([name, allowed]) => finding(logicalId, name, properties[name], allowed[protocol]));
    const sources = listOf<string>(properties.IdentitySource)
      .filter(source => type.endsWith('::Authorizer') && !identitySource[protocol].test(source))
      .map(source => ({
        logicalId,
        at: 'Properties.IdentitySource',
        problem: `${show(source)} is no identity source of a ${protocol} API: ${identitySource[protocol].source}`,
      }));
    return [...wrong, ...sources];
  });
}

function routes(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::ApiGatewayV2::Route').flatMap(({ logicalId, properties }) => {
    const { AuthorizationType = 'NONE', AuthorizerId, RouteKey } = properties;
    const found: Finding[] = [];
    const needsAuthorizer = ['CUSTOM', 'JWT'].includes(AuthorizationType);
    if (needsAuthorizer !== (AuthorizerId !== undefined)) {
      const what = needsAuthorizer ? 'needs an AuthorizerId' : 'asks no authorizer, and yet names one';
      found.push({ logicalId, at: 'Properties.AuthorizerId', problem: `${AuthorizationType} ${what}` });
    }
    const isWebSocket = protocolOf(template, properties) === 'WEBSOCKET';
    if (isWebSocket && AuthorizationType !== 'NONE' && RouteKey !== '$connect') {
      const problem = `a WebSocket API authorizes at $connect alone, not at ${RouteKey}`;
      found.push({ logicalId, at: 'Properties.AuthorizationType', problem });
    }
    if (isWebSocket && RouteKey === '$connect' && AuthorizationType === 'NONE') {
      found.push({ logicalId, at: 'Properties.AuthorizationType', problem: '$connect lets everybody in' });
    }
    return found;
  });
}

/** A property of the wrong word. */
function finding(logicalId: string, name: string, value: unknown, allowed: readonly string[]): Finding {
  const choice = allowed.length === 0 ? 'nothing for this kind of API' : allowed.join(' or ');
  return { logicalId, at: `Properties.${name}`, problem: `${show(value)} must be ${choice}` };
}

/** Undefined where the API's own is none: that is found there. */
function protocolOf({ Resources }: Template, { ApiId }: Properties): Protocol | undefined {
  const protocol = Resources[refOf(ApiId) ?? '']?.Properties?.ProtocolType;
  return protocol === 'HTTP' || protocol === 'WEBSOCKET' ? protocol : undefined;
}
