/** Parts of the page that are loaded once one of them is wanted, and not before the figures. */
import { useEffect, useState } from 'preact/hooks';

export interface Later {
  /** Undefined until they are there. */
  parts?: typeof import('./later-parts.ts');
  failure?: string;
}

/** As they were loaded: what needs them later is drawn with them at once. */
let loaded: Later = {};

export function useLater(isWanted: boolean): Later {
  const [state, setState] = useState<Later>(loaded);
  useEffect(() => {
    if (!isWanted || state.parts !== undefined) return;
    import('./later-parts.ts').then(
      parts => {
        loaded = { parts };
        setState(loaded);
      },
      // A newer version of the page was deployed since, or the chain is away.
      () => setState({ failure: 'This part of the page can’t be loaded: load the page again.' }),
    );
  }, [isWanted]);
  return state;
}
