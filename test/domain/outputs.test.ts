import { describe, expect, it } from 'vitest';
import { isStorecast, outputDescriptions, readOutputs } from '../../domain/outputs.ts';

const whole = Object.fromEntries(Object.keys(outputDescriptions).map(name => [name, `the ${name}`]));

describe('outputs', () => {
  it('are those of a storecast stack by their endpoint and key', () => {
    expect(isStorecast({ ...whole, More: 'x' })).toBe(true);
    for (const other of [
      undefined,
      null,
      'x',
      {},
      { StoreEndpoint: 'wss://x' },
      { ...whole, TokenKeyId: '' },
    ])
      expect(isStorecast(other)).toBe(false);
  });

  it('of this version are all there', () => {
    expect(readOutputs({ ...whole, AwsEndpointUrl: 'http://x' })).toEqual({
      ...whole,
      AwsEndpointUrl: 'http://x',
    });
  });

  it.each([undefined, ''])(
    'of an older stack name what they lack (%j) when it is needed, and serve for the rest',
    value => {
      const { RedeliveryQueueUrl: _, ...older } = whole;
      const outputs = readOutputs(value === undefined ? older : { ...older, RedeliveryQueueUrl: value });
      expect(outputs.ManagementUrl).toBe('the ManagementUrl');
      expect(() => outputs.RedeliveryQueueUrl).toThrow(
        'the outputs have no RedeliveryQueueUrl (Posts that are',
      );
    },
  );
});
