/**
 * Stands in for the SDK's other sources of configuration in the bundles: a function has its environment, and neither files
 * in a home directory nor an instance's metadata.
 */
export const CONFIG_PREFIX_SEPARATOR = '.';

export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });

export const getInstanceMetadataRegion = async (): Promise<undefined> => undefined;
