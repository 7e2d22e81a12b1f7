/**
 * Stands in for the SDK's whole chain of credential providers in the bundles: Lambda puts a role's credentials into
 * the environment, and renews them by starting a new one.
 */
import { required } from '../../../lambdas/aws/environment.ts';

export const defaultProvider = () => async () => ({
  accessKeyId: required('AWS_ACCESS_KEY_ID'),
  secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
  ...(process.env.AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: process.env.AWS_SESSION_TOKEN }),
});
