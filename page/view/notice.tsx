/** What is wrong with the page's own connection to the chain, and what that means for the figures. */
import type { Model } from '../model/model.ts';

export function Notice({ model }: { model: Model }) {
  return (
    <div role="alert" class="notice" hidden={model.problem === undefined && model.line !== 'down'}>
      {textOf(model)}
    </div>
  );
}

function textOf({ problem, line }: Model): string {
  if (problem !== undefined) return `The figures may be old: ${problem}. Trying again every 15 seconds.`;
  if (line === 'down')
    return 'The live line is down and is being restored. Until then the figures are refreshed every 15 seconds.';
  return '';
}
