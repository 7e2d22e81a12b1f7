/**
 * How the parts of API Gateway v2 belong together: who is let in, what must be there before a stage, and what a domain
 * name serves. CloudFormation sees no reference between a stage and the routes or the mappings that name it.
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

export type Protocol = 'WEBSOCKET' | 'HTTP';

export function apiGateway(template: Template): Finding[] {
  return [
    ...authorizations(template),
    ...routeSettings(template),
    ...deployments(template),
    ...mappings(template),
  ];
}

function authorizations(template: Template): Finding[] {
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

/** Settings of a single route: "Unable to find Route by key" where the route is not there yet. */
function routeSettings(template: Template): Finding[] {
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route');
  return resourcesOf(template, 'AWS::ApiGatewayV2::Stage').flatMap(({ logicalId, properties, resource }) =>
    Object.keys(properties.RouteSettings ?? {}).flatMap(key => {
      const route = routes.find(
        ({ properties: { ApiId, RouteKey } }) => RouteKey === key && refOf(ApiId) === refOf(properties.ApiId),
      );
      const at = 'Properties.RouteSettings';
      if (route === undefined) return [{ logicalId, at, problem: `its API has no route ${key}` }];
      if (listOf(resource.DependsOn).includes(route.logicalId)) return [];
      return [{ logicalId, at, problem: `sets ${key} and must depend on that route, ${route.logicalId}` }];
    }),
  );
}

/** A deployment is a picture of the routes that are there when it is taken. */
function deployments(template: Template): Finding[] {
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route');
  const taken = resourcesOf(template, 'AWS::ApiGatewayV2::Deployment').flatMap(
    ({ logicalId, properties, resource }) =>
      routes
        .filter(route => refOf(route.properties.ApiId) === refOf(properties.ApiId))
        .filter(route => !listOf(resource.DependsOn).includes(route.logicalId))
        .map(route => ({ logicalId, at: 'DependsOn', problem: `may be taken before ${route.logicalId}` })),
  );
  const empty = resourcesOf(template, 'AWS::ApiGatewayV2::Stage')
    .filter(({ properties }) => properties.AutoDeploy !== true && properties.DeploymentId === undefined)
    .map(({ logicalId }) => ({
      logicalId,
      at: 'Properties.AutoDeploy',
      problem: 'is never deployed: it needs AutoDeploy or a DeploymentId',
    }));
  return [...taken, ...empty];
}

/** A name serves APIs of one protocol, each at a path of its own, and a stage only once it is there. */
function mappings(template: Template): Finding[] {
  const all = resourcesOf(template, 'AWS::ApiGatewayV2::ApiMapping');
  return all.flatMap(({ logicalId, properties, resource }, index) => {
    const { ApiMappingKey = '', DomainName } = properties;
    const found: Finding[] = [];
    const earlier = all
      .slice(0, index)
      .filter(other => nameServed(template, other.properties) === nameServed(template, properties));
    if (earlier.some(other => protocolOf(template, other.properties) !== protocolOf(template, properties))) {
      const problem = `${show(DomainName)} can't serve a WebSocket API and an HTTP API: use two names`;
      found.push({ logicalId, at: 'Properties.DomainName', problem });
    } else if (earlier.some(other => (other.properties.ApiMappingKey ?? '') === ApiMappingKey)) {
      const problem = `${show(DomainName)} serves another API at ${show(ApiMappingKey)}`;
      found.push({ logicalId, at: 'Properties.ApiMappingKey', problem });
    }
    const stage = stageOf(template, properties);
    if (stage === undefined) {
      found.push({
        logicalId,
        at: 'Properties.Stage',
        problem: `its API has no stage ${show(properties.Stage)}`,
      });
    } else if (refOf(properties.Stage) !== stage && !listOf(resource.DependsOn).includes(stage)) {
      found.push({ logicalId, at: 'DependsOn', problem: `must come after its stage, ${stage}` });
    }
    return found;
  });
}

/** The name itself, also where two resources have it. */
function nameServed({ Resources }: Template, { DomainName }: Properties): string {
  return show(Resources[refOf(DomainName) ?? '']?.Properties?.DomainName ?? DomainName);
}

/** A stage's name is mostly written out, so CloudFormation sees no reference to it. */
function stageOf(template: Template, { ApiId, Stage }: Properties): string | undefined {
  return resourcesOf(template, 'AWS::ApiGatewayV2::Stage').find(
    ({ logicalId, properties }) =>
      refOf(properties.ApiId) === refOf(ApiId) &&
      [logicalId, properties.StageName].includes(refOf(Stage) ?? Stage),
  )?.logicalId;
}

/** Of an API, or of what belongs to one; undefined where the API's own is wrong. */
export function protocolOf(
  { Resources }: Template,
  { ApiId, ProtocolType }: Properties,
): Protocol | undefined {
  const protocol = ProtocolType ?? Resources[refOf(ApiId) ?? '']?.Properties?.ProtocolType;
  return protocol === 'HTTP' || protocol === 'WEBSOCKET' ? protocol : undefined;
}
