/** An ISO 4217 code; the browser offers those that it knows. */
import { useId } from 'preact/hooks';
import { Field } from './field.tsx';

const codes = Intl.supportedValuesOf('currency');

export function CurrencyField({ value, change }: { value: string; change: (value: string) => void }) {
  const id = useId();
  return (
    <Field
      name="currency"
      label="Currency"
      value={value}
      list={id}
      maxLength={3}
      autocapitalize="characters"
      onInput={event => change(event.currentTarget.value.toUpperCase())}
    >
      <datalist id={id}>
        {codes.map(code => (
          <option key={code} value={code} />
        ))}
      </datalist>
    </Field>
  );
}
