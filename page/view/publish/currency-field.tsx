/** An ISO 4217 code; the browser offers those that it knows. */
import { useId } from 'preact/hooks';

const codes = Intl.supportedValuesOf('currency');

export function CurrencyField({ value, change }: { value: string; change: (value: string) => void }) {
  const id = useId();
  return (
    <label>
      Currency
      <input
        value={value}
        list={id}
        maxLength={3}
        autocapitalize="characters"
        onInput={event => change(event.currentTarget.value.toUpperCase())}
      />
      <datalist id={id}>
        {codes.map(code => (
          <option key={code} value={code} />
        ))}
      </datalist>
    </label>
  );
}
