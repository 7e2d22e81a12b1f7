/** What is measured is reached by its path, as the stack reaches the handlers: bench/ imports only what runs it. */
const root = new URL('..', import.meta.url);

/** A module of `lambdas/`. */
// biome-ignore lint/suspicious/noExplicitAny: its types are those of another folder
export async function fromLambdas(module: string): Promise<any> {
  return import(new URL(`lambdas/${module}`, root).href);
}
