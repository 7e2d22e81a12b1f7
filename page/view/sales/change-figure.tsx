/** How much more or less it is than before, in percent; a dash where there is nothing to compare with. */
import { change } from '../../format.ts';

export function Change({ now, before }: { now: number; before: number }) {
  const percent = change(now, before);
  if (percent === undefined) return <>–</>;
  return <span class={now < before ? 'less' : 'more'}>{percent}</span>;
}
