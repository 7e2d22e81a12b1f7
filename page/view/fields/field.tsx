/** A field with its label, and what is wrong with it right below. */
import { type ComponentChildren, createContext, type TargetedInputEvent } from 'preact';
import { useContext, useId } from 'preact/hooks';
import type { Problem } from '../../drafts/draft-fields.ts';

/** What is wrong with the form around a field. */
export const Problems = createContext<readonly Problem[]>([]);

/** What ties an input to what is wrong with it. */
export function useProblem(name: string): { attributes: object; message: ComponentChildren } {
  const id = useId();
  const problem = useContext(Problems).find(({ field }) => field === name);
  if (problem === undefined) return { attributes: {}, message: null };
  return {
    attributes: { 'aria-invalid': true, 'aria-describedby': id },
    message: (
      <p class="refusal" role="alert" id={id}>
        {problem.message}
      </p>
    ),
  };
}

export interface FieldProps {
  /** As the draft calls it; its problems are found by it. */
  name: string;
  label: string;
  hint?: string | undefined;
  value: string;
  onInput: (event: TargetedInputEvent<HTMLInputElement>) => void;
  type?: 'text' | 'time' | 'datetime-local';
  inputMode?: 'decimal' | 'numeric';
  placeholder?: string;
  spellcheck?: boolean;
  maxLength?: number;
  list?: string;
  autocapitalize?: 'characters';
  /** What stands below it. */
  children?: ComponentChildren;
}

export function Field({ name, label, hint, children, type = 'text', ...input }: FieldProps) {
  const id = useId();
  const { attributes, message } = useProblem(name);
  return (
    <div class="field">
      <label for={id}>
        {label} {hint !== undefined && <span class="hint">{hint}</span>}
      </label>
      <input {...input} {...attributes} type={type} id={id} name={name} />
      {message}
      {children}
    </div>
  );
}
