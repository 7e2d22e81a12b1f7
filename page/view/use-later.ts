/** Parts of the page that are loaded once one of them is wanted, and not before the figures. */
import { useEffect, useState } from 'preact/hooks';

export interface Later {
  /** Undefined until they are there. */
  parts?: typeof import('./later-parts.ts');
  failure?: string;
}

export function useLater(isWanted: boolean): Later {
  const [state, setState] = useState<Later>({});
  useEffect(() => {
    if (!isWanted || state.parts !== undefined) return;
    import('./later-parts.ts').then(
      parts => setState({ parts }),
      // A newer version of the page was deployed since, or the chain is away.
      () => setState({ failure: 'This part of the page can’t be loaded: load the page again.' }),
    );
  }, [isWanted]);
  return state;
}
