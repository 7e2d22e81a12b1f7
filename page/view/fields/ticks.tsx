/** Some of several names, by boxes to tick; nothing where there is no name. */
export interface TicksProps {
  legend: string;
  names: readonly string[];
  ticked: readonly string[];
  change: (ticked: string[]) => void;
}

export function Ticks({ legend, names, ticked, change }: TicksProps) {
  if (names.length === 0) return null;
  return (
    <fieldset class="names">
      <legend>{legend}</legend>
      <div class="options">
        {names.map(name => (
          <label key={name}>
            <input
              type="checkbox"
              checked={ticked.includes(name)}
              onChange={event =>
                change(
                  event.currentTarget.checked ? [...ticked, name] : ticked.filter(other => other !== name),
                )
              }
            />{' '}
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
