/** The region that the page shows stands in its address: a link to it shows the same, and so does the way back. */
import { useEffect, useState } from 'preact/hooks';

/** @returns undefined for every region, and what changes it */
export function useRegion(): [region: string | undefined, choose: (region: string | undefined) => void] {
  const [region, setRegion] = useState(regionInAddress);
  useEffect(() => {
    const look = () => setRegion(regionInAddress());
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return [region, choose];
}

function choose(region: string | undefined): void {
  // An empty one would jump to the top.
  location.hash = region === undefined ? 'all' : String(new URLSearchParams({ region }));
}

/** Behind the `#`: the chain refuses a query parameter that it doesn't know, and need not hear of this one. */
function regionInAddress(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get('region') ?? undefined;
}
