/** The dead-letter queues emptied, as an operator does it: what was given up for a passing fault is put again. */
import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Target } from '../../cli/target.ts';
import type { Marketing } from './marketing.ts';

interface LetterEvent {
  source?: string;
  detail?: { updateId?: string };
}

export class DeadLetterOffice {
  /** The reason that the queue gave for each poison, by its source. */
  readonly reasons = new Map<string, string>();
  /** Letters that nobody can place. */
  readonly strangers: string[] = [];
  readonly #target: () => Target;
  readonly #marketing: Marketing;
  readonly #count: (what: string) => void;

  constructor(target: () => Target, marketing: Marketing, count: (what: string) => void) {
    this.#target = target;
    this.#marketing = marketing;
    this.#count = count;
  }

  async empty(): Promise<void> {
    const { outputs } = this.#target();
    await this.#take(outputs.DeadLetterQueueUrl, body => this.#file(body));
    // Posts that were given up: the stores find the gap by themselves.
    await this.#take(outputs.RedeliveryDeadLetterQueueUrl, async () =>
      this.#count('posts given up, and found by the stores'),
    );
  }

  async #take(queueUrl: string, read: (body: string) => Promise<void>): Promise<void> {
    const { queues } = this.#target();
    for (;;) {
      const { Messages = [] } = await queues.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
      );
      if (Messages.length === 0) return;
      for (const { Body = '', ReceiptHandle } of Messages as Message[]) {
        await read(Body);
        await queues.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  }

  async #file(body: string): Promise<void> {
    const letter = JSON.parse(body) as { reason?: string; event?: LetterEvent; requestPayload?: LetterEvent };
    const { detail, source = '' } = letter.event ?? letter.requestPayload ?? {};
    const poison = this.#marketing.poisons.get(source);
    const isRefusal = letter.event !== undefined && letter.reason !== undefined;
    if (poison !== undefined && isRefusal) this.reasons.set(source, letter.reason ?? '');
    else if (poison !== undefined) {
      this.#count('events redriven from the dead letters');
      await this.#marketing.putPoison(poison);
    } else if (!isRefusal && this.#marketing.accepted.has(detail?.updateId ?? '')) {
      this.#count('events redriven from the dead letters');
      await this.#marketing.redrive(detail?.updateId ?? '');
    } else this.strangers.push(body.slice(0, 300));
  }
}
