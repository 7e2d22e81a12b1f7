/** One of a few: radio buttons that look like a switch. */
import { useId } from 'preact/hooks';

export interface ChoiceProps {
  label: string;
  options: readonly (readonly [value: string, label: string])[];
  value: string;
  choose: (value: string) => void;
}

export function Choice({ label, options, value, choose }: ChoiceProps) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="unseen">{label}</legend>
      {options.map(([option, words]) => (
        <label key={option}>
          <input type="radio" name={name} checked={option === value} onChange={() => choose(option)} />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}
