/** On the developer's own machine the page opens signed in: whoever reaches this port is the operator anyway. */
import { LOCAL_TOKEN_PATH } from '../domain/names.ts';
import { Target } from './target.ts';

export const localSignIn = {
  [LOCAL_TOKEN_PATH]: async (outputs: Record<string, string>) => ({
    token: await new Target(outputs).mint({ role: 'publisher', name: 'local' }),
  }),
};
