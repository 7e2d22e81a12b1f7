export { Random } from '../chaos/random.ts';
