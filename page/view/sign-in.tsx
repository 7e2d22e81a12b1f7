/** Takes a token, and says what is wrong with one that it can't take. */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { RefusedTokenError, type Session } from '../model/read-token.ts';
import { signIn } from '../session.ts';
import { Modal } from './modal.tsx';
import './sign-in.css';

export interface SignInProps {
  reason: string | undefined;
  onSignedIn: (session: Session) => void;
}

export function SignIn({ reason, onSignedIn }: SignInProps) {
  return (
    <main class="sign-in">
      <div class="panel">
        <h1 class="brand">storecast</h1>
        <p>Live sales, stores and updates of the chain.</p>
        <TokenForm reason={reason} onSignedIn={onSignedIn} />
      </div>
    </main>
  );
}

export interface SessionEndedProps {
  reason: string;
  onSignedIn: (session: Session) => void;
  signOut: () => void;
}

/** Over the page as it stands: whoever signs in again goes on where they were. */
export function SessionEnded({ reason, onSignedIn, signOut }: SessionEndedProps) {
  return (
    <Modal title="Your session has ended" close={() => {}}>
      <p class="hint">What you see behind is as it was, and what you filled in is kept.</p>
      <TokenForm reason={reason} onSignedIn={onSignedIn}>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </TokenForm>
    </Modal>
  );
}

function TokenForm({ reason, onSignedIn, children }: SignInProps & { children?: ComponentChildren }) {
  const [refusal, setRefusal] = useState(reason);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
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
    <form onSubmit={event => void submit(event)}>
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
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
        {children}
      </div>
      <p class="hint" id={`${id}-help`}>
        The platform team issues one, to read or to publish. This browser keeps it until you sign out or close
        its tabs, and hands it to nobody but the chain.
      </p>
    </form>
  );
}
