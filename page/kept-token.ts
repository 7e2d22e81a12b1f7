/**
 * Keeps a pasted token for the browser's session: over a reload, and for a second tab. It lies in this tab's session storage,
 * and other tabs of the page are asked for theirs; both are this origin's alone, whose policy lets no script in but the
 * page's own (docs/decisions/033-publishing-on-the-page.md). It is never in a URL, a cookie or on another origin.
 */
const KEY = 'storecast.token';
const CHANNEL = 'storecast.session';
/** Other tabs answer at once, or there are none. */
const ANSWER_MS = 250;

type Message = { type: 'asked' } | { type: 'answered'; token: string } | { type: 'forgotten' };

export interface KeptToken {
  keep(token: string): void;
  /** Here and in every other tab. */
  forget(): void;
  close(): void;
}

/** @param forgotten somebody signed out in another tab */
export function keepToken(forgotten: () => void): KeptToken {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    const token = sessionStorage.getItem(KEY);
    if (data.type === 'asked' && token !== null) post(channel, { type: 'answered', token });
    if (data.type === 'forgotten' && token !== null) {
      sessionStorage.removeItem(KEY);
      forgotten();
    }
  };
  return {
    keep: token => sessionStorage.setItem(KEY, token),
    forget: () => {
      sessionStorage.removeItem(KEY);
      post(channel, { type: 'forgotten' });
    },
    close: () => channel.close(),
  };
}

/** The token of this tab before it was loaded again, else that of another tab; undefined where nobody is signed in. */
export async function keptToken(): Promise<string | undefined> {
  const own = sessionStorage.getItem(KEY);
  if (own !== null) return own;
  const channel = new BroadcastChannel(CHANNEL);
  try {
    return await new Promise(resolve => {
      channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data.type === 'answered') resolve(data.token);
      };
      setTimeout(() => resolve(undefined), ANSWER_MS);
      post(channel, { type: 'asked' });
    });
  } finally {
    channel.close();
  }
}

function post(channel: BroadcastChannel, message: Message): void {
  channel.postMessage(message);
}
