/** The examples of what hears from the outbound bus: each rule on that bus, let in at its target, with dead letters of its own. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { OUTBOUND_TYPES } from '../../domain/outbound/outbound-events.ts';
import { failedEvents } from '../../lib/checks/failed-events.ts';
import { queues } from '../../lib/checks/queues.ts';
import type { Template as CheckedTemplate } from '../../lib/checks/template.ts';
import { examples } from '../integrations.ts';

type Rule = { Properties: { EventBusName: unknown; EventPattern: { 'detail-type': string[] } } };

function synthesized(add: (stack: Stack, bus: EventBus, url: string) => unknown): Template {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Chain');
  add(stack, new EventBus(stack, 'Outbound'), 'https://example.com/stores');
  return Template.fromStack(stack);
}

describe.each(Object.entries(examples))('%s', (_, add) => {
  const template = synthesized(add);

  it('hears of events that there are, on the outbound bus', () => {
    const rules = Object.values(template.findResources('AWS::Events::Rule') as Record<string, Rule>);
    expect(rules).toHaveLength(1);
    for (const { Properties } of rules) {
      expect(Properties.EventBusName).toEqual({ Ref: expect.stringMatching(/^Outbound/) });
      for (const type of Properties.EventPattern['detail-type']) expect(OUTBOUND_TYPES).toContain(type);
    }
  });

  it('loses no event silently', () => {
    const checked = template.toJSON() as CheckedTemplate;
    expect([...queues(checked), ...failedEvents(checked)]).toEqual([]);
  });
});
