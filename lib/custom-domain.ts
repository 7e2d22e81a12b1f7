/** A custom domain name for an API, with its certificate. The DNS record is up to the owner of the zone. */
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct } from 'constructs';

export interface CustomDomain {
  readonly domainName: string;
  readonly certificateArn: string;
}

/** Maps a stage to the root of the name. @returns where the name's DNS record must point */
export function serveByName(
  stage: Construct & apigateway.IStage,
  api: apigateway.IApi,
  { domainName, certificateArn }: CustomDomain,
): string {
  const domain = new apigateway.DomainName(stage, 'DomainName', {
    domainName,
    certificate: Certificate.fromCertificateArn(stage, 'Certificate', certificateArn),
  });
  new apigateway.ApiMapping(stage, 'ApiMapping', { api, domainName: domain, stage });
  return domain.regionalDomainName;
}
