/** Which region the whole page shows. */
export interface RegionChoiceProps {
  regions: readonly string[];
  region: string | undefined;
  choose: (region: string | undefined) => void;
}

export function RegionChoice({ regions, region, choose }: RegionChoiceProps) {
  const offered = region === undefined || regions.includes(region) ? regions : [region, ...regions];
  return (
    <select
      class="region"
      aria-label="Region"
      value={region ?? ''}
      onChange={event => choose(event.currentTarget.value || undefined)}
    >
      <option value="">All regions</option>
      {offered.map(name => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
