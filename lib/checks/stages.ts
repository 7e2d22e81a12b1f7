/** A stage that names a route, or deploys one, must come after it: CloudFormation sees no reference between the two. */
import { type Finding, listOf, refOf, resourcesOf, type Template } from './template.ts';

export function stages(template: Template): Finding[] {
  return [...routeSettings(template), ...deployments(template)];
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
