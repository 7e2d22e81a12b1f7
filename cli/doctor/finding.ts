/** What `doctor` found out about one thing. */
export interface Finding extends Record<string, unknown> {
  check: string;
  /** `unchecked`: it can't be seen from here; `todo` says how to look. */
  status: 'ok' | 'failed' | 'unchecked';
  detail: string;
  todo: string | null;
}

export function ok(check: string, detail: string): Finding {
  return { check, status: 'ok', detail, todo: null };
}

/** @param todo what to do about it */
export function failed(check: string, detail: string, todo: string): Finding {
  return { check, status: 'failed', detail, todo };
}

/** @param todo how to look, or what would bring it about */
export function unchecked(check: string, detail: string, todo: string): Finding {
  return { check, status: 'unchecked', detail, todo };
}
