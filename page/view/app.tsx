/** Signed in, or on the way there. */
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../model/read-token.ts';
import { localToken, signIn } from '../session.ts';
import { Dashboard } from './chain-view.tsx';
import { SignIn } from './sign-in.tsx';

type State =
  | { at: 'opening' }
  | { at: 'signed-out'; reason?: string }
  | { at: 'signed-in'; session: Session };

export function App({ endpoint }: { endpoint: string }) {
  const [state, setState] = useState<State>({ at: 'opening' });
  useEffect(() => {
    void openingState().then(setState);
  }, []);
  if (state.at === 'opening') return <p class="opening">Opening…</p>;
  if (state.at === 'signed-in') {
    return (
      <Dashboard
        endpoint={endpoint}
        session={state.session}
        signOut={reason => setState({ at: 'signed-out', ...(reason === undefined ? {} : { reason }) })}
      />
    );
  }
  return <SignIn reason={state.reason} onSignedIn={session => setState({ at: 'signed-in', session })} />;
}

async function openingState(): Promise<State> {
  const token = await localToken();
  if (token === undefined) return { at: 'signed-out' };
  try {
    return { at: 'signed-in', session: await signIn(token, Date.now()) };
  } catch (error) {
    return { at: 'signed-out', reason: (error as Error).message };
  }
}
