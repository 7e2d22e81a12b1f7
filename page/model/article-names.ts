/** What articles are called, by the prices that were published with a name; of two names the later one holds. */

interface Named {
  sku: string;
  name?: string | undefined;
}

export class ArticleNames {
  readonly #names = new Map<string, { name: string; at: string }>();

  /** @param at ISO 8601: since when they are called so */
  take(articles: readonly Named[], at: string): void {
    for (const { sku, name } of articles) {
      const known = this.#names.get(sku);
      if (name !== undefined && (known === undefined || known.at <= at)) this.#names.set(sku, { name, at });
    }
  }

  /** Undefined for one that was published without a name, or is not known yet. */
  of(sku: string): string | undefined {
    return this.#names.get(sku)?.name;
  }
}
