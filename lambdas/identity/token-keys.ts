/** The KMS keys of tokens, as the stack lists them: the newest, which signs, and earlier ones, which still verify. */
import { Environment } from '../../domain/names.ts';
import { required } from '../aws/environment.ts';

export function tokenKeyIds(): { newest: string; previous: string[] } {
  const [newest = '', ...previous] = required(Environment.tokenKeyIds).split(' ');
  return { newest, previous };
}
