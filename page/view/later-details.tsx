/** What is asked for, and loaded, once somebody opens it. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type Later, useLater } from './use-later.ts';

export interface LaterDetailsProps {
  summary: string;
  children: (parts: NonNullable<Later['parts']>) => ComponentChildren;
}

export function LaterDetails({ summary, children }: LaterDetailsProps) {
  const [isOpen, setOpen] = useState(false);
  const { parts, failure } = useLater(isOpen);
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && failure !== undefined && <p class="refusal">{failure}</p>}
      {isOpen && parts !== undefined && children(parts)}
    </details>
  );
}
