/**
 * A message of a store, for the chain's other systems: it is answered once it is on the outbound bus. A store repeats it
 * until then, so it may be there twice; its `messageId` tells.
 */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { hasTopic, noTopic, type Topics } from '../../domain/updates/topics.ts';
import { log } from '../aws/log.ts';
import type { OutboundBus } from '../outbound/put-events.ts';
import type { FrameHandler } from './frame-handler.ts';

export interface MessageOptions {
  outbound: Pick<OutboundBus, 'put'>;
  topics: Topics;
}

export function answerMessage({ outbound, topics }: MessageOptions): FrameHandler<'message'> {
  return async ({ data, inReplyTo, messageId, requestId, topic }, { line: { identity }, now }) => {
    if (identity.role !== 'store')
      throw new FrameError('forbidden', 'only a store sends messages', requestId);
    if (!hasTopic(topics, topic)) throw new FrameError('invalid_frame', noTopic(topic, topics), requestId);
    const { storeId } = identity;
    const receivedAt = new Date(now).toISOString();
    const reply = inReplyTo === undefined ? {} : { inReplyTo };
    await outbound.put({
      type: 'StoreMessage',
      detail: { storeId, topic, messageId, ...reply, data, receivedAt },
    });
    log.info('message', { storeId, messageId, topic });
    return { type: 'message.accepted', requestId, messageId };
  };
}
