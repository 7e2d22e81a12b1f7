/** Signed in, or on the way there. A session that ends leaves the page as it is, with what was filled in. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { keepToken, keptToken } from '../kept-token.ts';
import { RefusedTokenError, type Session } from '../model/read-token.ts';
import { localToken, signIn } from '../session.ts';
import { Dashboard } from './chain-view.tsx';
import { SessionEnded, SignIn } from './sign-in.tsx';

type State =
  | { at: 'opening' }
  | { at: 'signed-out'; reason?: string }
  /** `ended`: why the session has to be taken up again. */
  | { at: 'signed-in'; session: Session; ended?: string };

export function App({ endpoint }: { endpoint: string }) {
  const [state, setState] = useState<State>({ at: 'opening' });
  const kept = useMemo(() => keepToken(() => setState({ at: 'signed-out' })), []);
  useEffect(() => {
    void openingState().then(setState);
    return () => kept.close();
  }, []);
  const signedIn = (session: Session) => {
    kept.keep(session.token);
    setState({ at: 'signed-in', session });
  };
  const signOut = () => {
    kept.forget();
    setState({ at: 'signed-out' });
  };
  if (state.at === 'opening') return <p class="opening">Opening…</p>;
  if (state.at === 'signed-out') return <SignIn reason={state.reason} onSignedIn={signedIn} />;
  const { session, ended } = state;
  return (
    <>
      <Dashboard
        // Nobody finds what another has filled in.
        key={`${session.name} ${session.mayPublish}`}
        endpoint={endpoint}
        session={session}
        signOut={reason => {
          if (reason === undefined) signOut();
          else setState({ at: 'signed-in', session, ended: reason });
        }}
      />
      {ended !== undefined && <SessionEnded reason={ended} onSignedIn={signedIn} signOut={signOut} />}
    </>
  );
}

async function openingState(): Promise<State> {
  const kept = await keptToken();
  try {
    if (kept !== undefined) return { at: 'signed-in', session: await signIn(kept, Date.now()) };
    const local = await localToken();
    return local === undefined
      ? { at: 'signed-out' }
      : { at: 'signed-in', session: await signIn(local, Date.now()) };
  } catch (error) {
    if (!(error instanceof RefusedTokenError)) throw error;
    return { at: 'signed-out', reason: error.message };
  }
}
