/** Our stack with the handler of stores that poll in the place of the management function. */
import type { Sample } from '../sample-assembly.ts';

export const pollingSample: Sample = {
  function: 'ManagementFunction',
  policy: 'ManagementFunctionRole',
  code: new URL('../reference/rest-sample', import.meta.url),
  action: 'dynamodb:PutItem',
  table: 'TablesSalesTable',
  isRead: false,
  // As our function of frames has; the management function's own core would make polling dear.
  memorySize: 256,
};
