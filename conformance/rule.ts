/** A rule of the protocol, and how a till is tried on it. */
import type { Scene } from './scene.ts';

export interface Rule {
  /** A name that stays, for `--rule` and for reports. */
  id: string;
  /** What a till does that keeps it. */
  sentence: string;
  /** Where docs/protocol.md says so: an anchor. */
  place: string;
  /** About how long it takes a till that keeps it: long ones are begun first. */
  seconds?: number;
  /** @throws Violation if the till breaks the rule, NotApplicable where it says nothing of such a till */
  play: (scene: Scene) => Promise<void>;
}

export interface Finding {
  rule: string;
  status: 'passed' | 'failed' | 'not-applicable';
  sentence: string;
  /** In docs/protocol.md. */
  place: string;
  /** What was expected and what came; null where the rule is kept. */
  detail: string | null;
  /** How far the till had come; null unless it failed. */
  course: string | null;
  seconds: number;
}
