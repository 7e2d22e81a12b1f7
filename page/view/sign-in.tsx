/** Takes a token, and says what is wrong with one that it can't take. */
import { useId, useRef, useState } from 'preact/hooks';
import { RefusedTokenError, type Session } from '../model/read-token.ts';
import { signIn } from '../session.ts';
import './sign-in.css';

export interface SignInProps {
  reason: string | undefined;
  onSignedIn: (session: Session) => void;
}

export function SignIn({ reason, onSignedIn }: SignInProps) {
  const [refusal, setRefusal] = useState(reason);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      onSignedIn(await signIn(field.current?.value ?? '', Date.now()));
    } catch (error) {
      if (!(error instanceof RefusedTokenError)) throw error;
      setRefusal(error.message);
      setBusy(false);
      field.current?.focus();
    }
  };
  return (
    <main class="sign-in">
      <form class="panel" onSubmit={event => void submit(event)}>
        <h1 class="brand">storecast</h1>
        <p>Live sales, stores and updates of the chain.</p>
        <label for={id}>Manager’s or publisher’s token</label>
        <input
          id={id}
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby={`${id}-help ${id}-refusal`}
          aria-invalid={refusal !== undefined}
        />
        <p class="refusal" id={`${id}-refusal`} role="alert">
          {refusal}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
        <p class="hint" id={`${id}-help`}>
          The platform team issues one: <code>npx storecast token manager NAME</code>, or{' '}
          <code>publisher</code> for whoever publishes. It stays in this tab’s memory and is forgotten when
          the tab closes.
        </p>
      </form>
    </main>
  );
}
