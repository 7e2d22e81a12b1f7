/** What settings must be beside each other: one that is right alone may be wrong with another. */

/** The settings that are held against each other. */
interface Together {
  readonly oldestSaleDays: number;
  readonly salesDays: number;
  readonly certificateArn?: string;
  readonly storeDomainName?: string;
  readonly managementDomainName?: string;
  readonly issuer?: string;
  readonly jwksUrl?: string;
  readonly audience?: string;
}

/** @throws Error that names the settings and what to do */
export function checkTogether(configuration: Together): void {
  checkDomains(configuration);
  checkIssuer(configuration);
  const { oldestSaleDays, salesDays } = configuration;
  if (salesDays < oldestSaleDays)
    throw new Error(
      `salesDays is ${salesDays}: it must not be less than oldestSaleDays, which is ${oldestSaleDays}`,
    );
}

function checkDomains({ certificateArn, storeDomainName, managementDomainName }: Together): void {
  const named = storeDomainName !== undefined || managementDomainName !== undefined;
  if (named && certificateArn === undefined) {
    throw new Error('a domain name needs a certificate for it: set certificateArn to its ARN');
  }
  if (!named && certificateArn !== undefined) {
    throw new Error(
      'certificateArn has no domain name to serve: set storeDomainName or managementDomainName',
    );
  }
  if (named && storeDomainName === managementDomainName) {
    throw new Error(
      `storeDomainName and managementDomainName are both ${storeDomainName}: API Gateway serves one API by a name, use two`,
    );
  }
}

function checkIssuer({ issuer, jwksUrl, audience }: Together): void {
  const missing = Object.entries({ issuer, jwksUrl, audience }).filter(([, value]) => value === undefined);
  if (missing.length === 0 || missing.length === 3) return;
  const names = missing.map(([name]) => name).join(' and ');
  throw new Error(`another issuer needs issuer, jwksUrl and audience: set ${names}`);
}
