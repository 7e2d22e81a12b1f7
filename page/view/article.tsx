/** An article by what it is called, and by its id. */
import { useEffect } from 'preact/hooks';
import type { ArticleNames } from '../model/article-names.ts';
import type { Chain } from './use-chain.ts';

export function Article({ names, sku }: { names: ArticleNames; sku: string }) {
  const name = names.of(sku);
  if (name === undefined) return <>{sku}</>;
  return (
    <>
      {name} <span class="hint">{sku}</span>
    </>
  );
}

/** Asks for the names of the articles that a component shows. */
export function useNames({ feed }: Chain, skus: readonly string[]): void {
  useEffect(() => feed.askNames(skus), [feed, skus.join()]);
}
