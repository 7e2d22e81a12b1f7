/** The dialogs that publish: asked for once the page has drawn, for whoever may use them, so that they open at once. */
import { useEffect, useState } from 'preact/hooks';

type Dialogs = typeof import('../publish/dialogs.ts');

/** Undefined until they are there. */
export function useDialogs(isWanted: boolean): { dialogs?: Dialogs; failure?: string } {
  const [state, setState] = useState<{ dialogs?: Dialogs; failure?: string }>({});
  useEffect(() => {
    if (!isWanted) return;
    import('../publish/dialogs.ts').then(
      dialogs => setState({ dialogs }),
      // A newer version of the page was deployed since, or the chain is away.
      () => setState({ failure: 'The forms to publish can’t be loaded: load the page again.' }),
    );
  }, [isWanted]);
  return state;
}
