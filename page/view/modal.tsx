/**
 * The browser's own modal dialog: it keeps the focus inside and gives it back. Escape closes it, and asks first where something
 * is filled in.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface ModalProps {
  title: string;
  close: () => void;
  /** Closing it would lose what somebody wrote. */
  isFilled?: boolean;
  children: ComponentChildren;
}

export function Modal({ title, close, isFilled = false, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  /** The field that was last written in. */
  const last = useRef<HTMLInputElement>(null);
  const [isAsking, ask] = useState(false);
  const id = useId();
  useEffect(() => {
    const { current } = dialog;
    const opener = document.activeElement;
    current?.showModal();
    return () => {
      current?.close();
      giveFocusBack(opener);
    };
  }, []);
  const leave = () => {
    if (isFilled) ask(true);
    else close();
  };
  const keep = () => {
    ask(false);
    (last.current?.isConnected ? last.current : heading.current)?.focus();
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onFocusIn={({ target }) => {
        if (target instanceof HTMLInputElement) last.current = target;
      }}
      onCancel={event => {
        event.preventDefault();
        leave();
      }}
      onClose={() => {
        // One that is gone hears of its own end a moment later, when the next one may be open.
        if (!dialog.current?.isConnected) return;
        // Browsers close it at a second Escape, whatever the first was answered.
        dialog.current.showModal();
        leave();
      }}
    >
      {/* Enter, held too long on what opened the dialog, does nothing on its title. */}
      <h2 class="dialog-title" id={id} tabIndex={-1} autofocus ref={heading}>
        {title}
      </h2>
      {isAsking && <Question discard={close} keep={keep} />}
      {children}
    </dialog>
  );
}

function Question({ discard, keep }: { discard: () => void; keep: () => void }) {
  const keeps = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => keeps.current?.focus(), []);
  return (
    <fieldset class="asking" aria-labelledby={id}>
      <p id={id}>Drop what you filled in?</p>
      <div class="actions">
        <button type="button" ref={keeps} onClick={keep}>
          Keep editing
        </button>
        <button type="button" onClick={discard}>
          Drop it
        </button>
      </div>
    </fieldset>
  );
}

/**
 * The dialog's element is removed, and with it the browser's own note of where the focus was; one that was shown twice takes the
 * focus along a moment later.
 */
function giveFocusBack(opener: Element | null): void {
  const give = () => {
    const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
    (isThere ? opener : document.getElementById('main'))?.focus();
  };
  give();
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) give();
  });
}
